namespace Segue.Planning;

/// <summary>How long a plan's steps may delay an app. Part of the plan, and so of its hash.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
public sealed record Limits
{
    internal static readonly Bounds<int> LockTimeoutBounds = new(1, 10_000);
    internal static readonly Bounds<int> HoldBudgetBounds = new(10, 60_000);
    internal static readonly Bounds<int> PatientLockTimeoutBounds = new(1, 600_000);
    internal static readonly Bounds<int> BatchTargetBounds = new(5, 10_000);

    // Whoever waits for less long than a server waits before it looks for deadlocks (1 s is usual) gives up first: no
    // app's transaction is cancelled.
    internal static readonly Bounds<int> RowLockTimeoutBounds = new(1, 500);

    /// <summary>All at their defaults.</summary>
    public static Limits Default { get; } = new();

    /// <summary>
    /// How long one attempt may queue for a lock that blocks an app. Milliseconds, 1 to 10,000; default 200.
    /// </summary>
    public int LockTimeoutMs
    {
        get;
        init => field = LockTimeoutBounds.Check(value);
    } = 200;

    /// <summary>How long such a lock may be held. Milliseconds, 10 to 60,000; default 500.</summary>
    public int HoldBudgetMs
    {
        get;
        init => field = HoldBudgetBounds.Check(value);
    } = 500;

    /// <summary>
    /// How long to wait for a lock that blocks no app, so that the server's own upkeep of the table yields it (usually
    /// after 1 s). Milliseconds, 1 to 600,000; default 5000.
    /// </summary>
    public int PatientLockTimeoutMs
    {
        get;
        init => field = PatientLockTimeoutBounds.Check(value);
    } = 5000;

    /// <summary>Target duration of a batch; its size adapts to that. Milliseconds, 5 to 10,000; default 50.</summary>
    public int BatchTargetMs
    {
        get;
        init => field = BatchTargetBounds.Check(value);
    } = 50;

    /// <summary>
    /// How long a batch waits for a row that an app has locked before it is cancelled. Milliseconds, 1 to 500; default
    /// 25.
    /// </summary>
    public int RowLockTimeoutMs
    {
        get;
        init => field = RowLockTimeoutBounds.Check(value);
    } = 25;
}

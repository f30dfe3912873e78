using Segue.Running;

namespace Segue.Settings;

/// <summary>Time limits of a run.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value is set that is out of its range.</exception>
public sealed record RunLimits
{
    /// <summary>All at their defaults.</summary>
    public static RunLimits Default { get; } = new();

    /// <summary>How long all attempts at one lock may take together. 0 to 24 h, default 5 min.</summary>
    public TimeSpan LockWait
    {
        get;
        init => field = RunOptions.PatienceBounds.Check(value);
    } = TimeSpan.FromMinutes(5);

    /// <summary>How long a run tries to reconnect to a server. 0 to 24 h, default 2 min.</summary>
    public TimeSpan Reconnect
    {
        get;
        init => field = RunOptions.PatienceBounds.Check(value);
    } = TimeSpan.FromMinutes(2);

    /// <summary>A deadline for one index build or validation. 1 s to 720 h, default 24 h.</summary>
    public TimeSpan OnlineDeadline
    {
        get;
        init => field = RunOptions.OnlineDeadlineBounds.Check(value);
    } = TimeSpan.FromHours(24);

    /// <summary>The share of time a backfill may work while an app is active. 0.01 to 1, default 0.33.</summary>
    public double DutyCycle
    {
        get;
        init => field = RunOptions.DutyCycleBounds.Check(value);
    } = 0.33;

    /// <summary>
    /// A change is not completed if old code was seen writing within this time. 0 (no check) to 366 days, default
    /// 30 s.
    /// </summary>
    public TimeSpan QuietFor
    {
        get;
        init => field = RunOptions.QuietBounds.Check(value);
    } = TimeSpan.FromSeconds(30);

    /// <summary>The runner's options, all else at its default.</summary>
    /// <param name="runner">See <see cref="RunOptions.Runner"/>.</param>
    internal RunOptions ToOptions(string runner) =>
        new()
        {
            Runner = runner,
            LockWait = LockWait,
            Reconnect = Reconnect,
            OnlineDeadline = OnlineDeadline,
            DutyCycle = DutyCycle,
            QuietFor = QuietFor,
        };
}

namespace Segue.Planning;

/// <summary>How long a plan's steps may be in an app's way. Part of the plan, and so of its hash.</summary>
public sealed record Limits
{
    public static Limits Default { get; } = new();

    /// <summary>How long one attempt may queue for a lock that blocks an app. Milliseconds, default 200.</summary>
    public int LockTimeoutMs { get; init; } = 200;

    /// <summary>How long such a lock may be held. Milliseconds, default 500.</summary>
    public int HoldBudgetMs { get; init; } = 500;

    /// <summary>
    /// How long to wait for SHARE UPDATE EXCLUSIVE, which blocks no app, so that a running autovacuum yields
    /// (it does after <c>deadlock_timeout</c>, 1 s by default). Milliseconds, default 5000.
    /// </summary>
    public int PatientLockTimeoutMs { get; init; } = 5000;

    /// <summary>How long a batch is meant to last; its size adapts to that. Milliseconds, default 50.</summary>
    public int BatchTargetMs { get; init; } = 50;

    /// <summary>How long a batch waits for a row an app has locked before it gives the batch up. Milliseconds, default 25.</summary>
    public int RowLockTimeoutMs { get; init; } = 25;
}

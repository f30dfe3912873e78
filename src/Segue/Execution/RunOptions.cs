namespace Segue.Execution;

/// <summary>How patient a runner is.</summary>
public sealed record RunOptions
{
    /// <summary>Who runs, for those who meet the lease: user, host and process.</summary>
    public required string Runner { get; init; }

    /// <summary>How long to go on trying for a lock before giving up with nothing changed. Default 5 min.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to go on trying to reach a server that went away. Default 2 min.</summary>
    public TimeSpan Reconnect { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the lease is valid without a heartbeat. Default 15 s; a heartbeat is sent each fifth of it.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A deadline for one online statement (an index build, a validation). Default 24 h.</summary>
    public TimeSpan OnlineDeadline { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The share of time a backfill may work while an app is at work; it rests for the remainder. 0.01 to 1, default 0.33: on two cores that an app used by half, its p99 rose 1.6 times; with 0.5, 2.3 times.
    /// Without an app at work it does not rest.
    /// </summary>
    public double DutyCycle { get; init; } = 0.33;
}

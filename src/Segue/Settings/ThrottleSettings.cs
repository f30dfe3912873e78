namespace Segue.Settings;

/// <summary>When a backfill pauses.</summary>
public sealed record ThrottleSettings
{
    public static ThrottleSettings Default { get; } = new();

    /// <summary>Pause while a replica replays later than this. Default 5 seconds.</summary>
    public TimeSpan ReplicaLag { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause while a replica is further behind than this. Bytes, default 64 MB (67,108,864).</summary>
    public long ReplicaLagBytes { get; init; } = 64 << 20;

    /// <summary>Pause while less disk is free. Default <c>10%/1GB</c>.</summary>
    public FreeDisk MinFreeDisk { get; init; } = new(Percent: 10, Bytes: 1 << 30);

    /// <summary>Pause while this many sessions wait for a lock on the table. Default 1.</summary>
    public int LockWaiters { get; init; } = 1;
}

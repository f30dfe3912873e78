using Segue.Yaml;

namespace Segue.Settings;

/// <summary>The keys of <c>throttle</c>.</summary>
internal static class ThrottleKeys
{
    public static readonly Key<ThrottleSettings, TimeSpan> ReplicaLag = new(
        "replica_lag",
        new DurationValue(ThrottleSettings.ReplicaLagBounds.Least, ThrottleSettings.ReplicaLagBounds.Most),
        throttle => throttle.ReplicaLag,
        "Pause while a replica replays later than this."
    )
    {
        Default = ThrottleSettings.Default.ReplicaLag,
    };

    public static readonly Key<ThrottleSettings, long> ReplicaLagBytes = new(
        "replica_lag_bytes",
        new SizeValue(ThrottleSettings.ReplicaLagBytesBounds.Least, ThrottleSettings.ReplicaLagBytesBounds.Most),
        throttle => throttle.ReplicaLagBytes,
        "Pause while a replica is further behind than this."
    )
    {
        Default = ThrottleSettings.Default.ReplicaLagBytes,
    };

    public static readonly Key<ThrottleSettings, FreeDisk> MinFreeDisk = new(
        "min_free_disk",
        new FreeDiskValue(),
        throttle => throttle.MinFreeDisk,
        "Pause while less disk is free: a share, a size, or both (then both must be free)."
    )
    {
        Default = ThrottleSettings.Default.MinFreeDisk,
        Examples = ["10%", "1GB", "10%/1GB"],
    };

    public static readonly Key<ThrottleSettings, long> MaxWal = new(
        "max_wal",
        new SizeValue(ThrottleSettings.MaxWalBounds.Least, ThrottleSettings.MaxWalBounds.Most),
        throttle => throttle.MaxWal,
        "Pause while a slot, a standby or the archiver retains more write-ahead log than this; if the "
            + "server is on another machine, also while more was written since its last checkpoint."
    )
    {
        Default = ThrottleSettings.Default.MaxWal,
    };

    public static readonly Key<ThrottleSettings, long> LockWaiters = new(
        "lock_waiters",
        new NumberValue(least: ThrottleSettings.LockWaitersBounds.Least, most: ThrottleSettings.LockWaitersBounds.Most),
        throttle => (long)throttle.LockWaiters,
        "Pause while this many sessions wait for a lock on the table."
    )
    {
        Default = ThrottleSettings.Default.LockWaiters,
    };

    public static MapValue<ThrottleSettings> Value { get; } =
        new(
            new MapShape<ThrottleSettings>(
                "throttle",
                "When a backfill pauses.",
                [ReplicaLag, ReplicaLagBytes, MinFreeDisk, MaxWal, LockWaiters],
                fields => new ThrottleSettings
                {
                    ReplicaLag = fields.Get(ReplicaLag),
                    ReplicaLagBytes = fields.Get(ReplicaLagBytes),
                    MinFreeDisk = fields.Get(MinFreeDisk),
                    MaxWal = fields.Get(MaxWal),
                    LockWaiters = (int)fields.Get(LockWaiters),
                }
            )
        );
}

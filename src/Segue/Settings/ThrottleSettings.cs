namespace Segue.Settings;

/// <summary>When a backfill pauses.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
public sealed record ThrottleSettings
{
    internal static readonly Bounds<TimeSpan> ReplicaLagBounds = new(
        TimeSpan.FromMilliseconds(10),
        TimeSpan.FromHours(1)
    );
    internal static readonly Bounds<long> ReplicaLagBytesBounds = new(64L << 10, 1L << 40);
    internal static readonly Bounds<long> MaxWalBounds = new(16L << 20, 1L << 44);
    internal static readonly Bounds<int> LockWaitersBounds = new(1, 10_000);

    /// <summary>All at their defaults.</summary>
    public static ThrottleSettings Default { get; } = new();

    /// <summary>Pause while a replica replays later than this. 10 ms to 1 h, default 5 s.</summary>
    public TimeSpan ReplicaLag
    {
        get;
        init => field = ReplicaLagBounds.Check(value);
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Pause while a replica is further behind than this. Bytes, 64 kB to 1 TB; default 64 MB (67,108,864).
    /// </summary>
    public long ReplicaLagBytes
    {
        get;
        init => field = ReplicaLagBytesBounds.Check(value);
    } = 64 << 20;

    /// <summary>Pause while less disk is free. Default <c>10%/1GB</c>.</summary>
    public FreeDisk MinFreeDisk { get; init; } = new(Percent: 10, Bytes: 1 << 30);

    /// <summary>
    /// Pause while a slot, a standby or the archiver retains more write-ahead log than this; if the server is on
    /// another machine, also while more was written since its last checkpoint. Bytes, 16 MB to 16 TB; default 16 GB
    /// (17,179,869,184), or the server's own limit between checkpoints if that is larger.
    /// </summary>
    public long MaxWal
    {
        get;
        init => field = MaxWalBounds.Check(value);
    } = 16L << 30;

    /// <summary>Pause while this many sessions wait for a lock on the table. 1 to 10,000, default 1.</summary>
    public int LockWaiters
    {
        get;
        init => field = LockWaitersBounds.Check(value);
    } = 1;
}

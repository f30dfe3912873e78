using Segue.Execution;
using Segue.Ledger;

namespace Segue.Running;

/// <summary>Time limits of a runner.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
internal sealed record RunOptions
{
    internal static readonly Bounds<TimeSpan> PatienceBounds = new(TimeSpan.Zero, TimeSpan.FromHours(24));
    internal static readonly Bounds<TimeSpan> OnlineDeadlineBounds = new(
        TimeSpan.FromSeconds(1),
        TimeSpan.FromHours(720)
    );
    internal static readonly Bounds<TimeSpan> QuietBounds = new(TimeSpan.Zero, TimeSpan.FromDays(366));
    internal static readonly Bounds<double> DutyCycleBounds = new(0.01, 1);

    // A lease shorter than one or two slow round trips would expire between heartbeats.
    internal static readonly Bounds<TimeSpan> LeaseTimeBounds = new(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));

    /// <summary>The runner's name in the lease: user, host and process.</summary>
    public required string Runner { get; init; }

    /// <summary>Who acts, for the ledger's events. Default null: the runner itself.</summary>
    public Actor? Actor { get; init; }

    /// <summary>How long to try for a lock before giving up with nothing changed. 0 to 24 h, default 5 min.</summary>
    public TimeSpan LockWait
    {
        get;
        init => field = PatienceBounds.Check(value);
    } = TimeSpan.FromMinutes(5);

    /// <summary>How long to try to reconnect to a server. 0 to 24 h, default 2 min.</summary>
    public TimeSpan Reconnect
    {
        get;
        init => field = PatienceBounds.Check(value);
    } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long the lease is valid without a heartbeat. 1 s to 1 h, default 15 s; a heartbeat is sent each fifth of it.
    /// </summary>
    public TimeSpan LeaseTime
    {
        get;
        init => field = LeaseTimeBounds.Check(value);
    } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A deadline for one online statement (an index build, a validation). 1 s to 720 h, default 24 h.
    /// </summary>
    public TimeSpan OnlineDeadline
    {
        get;
        init => field = OnlineDeadlineBounds.Check(value);
    } = TimeSpan.FromHours(24);

    /// <summary>
    /// A change is not completed if old code was seen writing within this time. 0 (no check) to 366 days, default
    /// 30 s.
    /// </summary>
    public TimeSpan QuietFor
    {
        get;
        init => field = QuietBounds.Check(value);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The share of time a backfill may work while an app is active; it rests for the remainder. 0.01 to 1, default
    /// 0.33: on two cores that an app used by half, its p99 rose 1.6 times; with 0.5, 2.3 times. Without an active app
    /// it does not rest.
    /// </summary>
    public double DutyCycle
    {
        get;
        init => field = DutyCycleBounds.Check(value);
    } = 0.33;
}

using Segue.Execution;

namespace Segue.Ledger;

/// <summary>
/// The right to write, for one runner at a time. The token is random and compared for equality only: no counter that a
/// failover or a restore sets back can give it to a second runner.
/// </summary>
public sealed record Lease(long Token)
{
    /// <summary>By the server's clock.</summary>
    public DateTimeOffset AcquiredAt { get; init; }
}

/// <summary>Who holds the lease, or held it last, in words for the one who does not.</summary>
public sealed record LeaseHolder(string Runner, DateTimeOffset AcquiredAt, DateTimeOffset LastHeartbeat)
{
    public long Token { get; init; }

    /// <summary>False when the lease was released or ran out, or when the holder's session is gone.</summary>
    public bool IsAlive { get; init; } = true;
}

/// <summary>
/// The lease decides which runner may write; the server's clock and the server's own view of sessions decide about it.
/// </summary>
public interface ILeases
{
    /// <summary>Null and the holder when another runner is alive.</summary>
    Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(
        string runner,
        TimeSpan validFor,
        CancellationToken cancel
    );

    /// <summary>Who holds the lease, or held it last; null when the ledger knows of nobody.</summary>
    Task<LeaseHolder?> HolderAsync(CancellationToken cancel);

    /// <summary>False when the ledger holds another lease.</summary>
    Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel);

    Task ReleaseAsync(Lease lease, CancellationToken cancel);
}

/// <summary>
/// The lease is not in force any more: another runner took over, or the ledger forgot it. What was under way was not
/// committed.
/// </summary>
public sealed class LeaseLostException : Exception
{
    public LeaseLostException()
        : base("This runner lost its lease. It has stopped and has written nothing since.") { }
}

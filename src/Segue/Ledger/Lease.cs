using Segue.Execution;

namespace Segue.Ledger;

/// <summary>
/// The right to write, for one runner at a time. The token is random and compared for equality only: a counter could be
/// set back by a failover or a restore and give the same token to a second runner.
/// </summary>
public sealed record Lease(long Token)
{
    /// <summary>By the server's clock.</summary>
    public DateTimeOffset AcquiredAt { get; init; }
}

/// <summary>The current or last holder of the lease, in words for other runners.</summary>
public sealed record LeaseHolder(string Runner, DateTimeOffset AcquiredAt, DateTimeOffset LastHeartbeat)
{
    /// <summary>The number that every write of the holder names.</summary>
    public long Token { get; init; }

    /// <summary>False if the lease was released or expired, or the holder's session has ended.</summary>
    public bool IsAlive { get; init; } = true;
}

/// <summary>
/// The lease decides which runner may write. The server decides about the lease, by its clock and its view of sessions.
/// </summary>
public interface ILeases
{
    /// <summary>Null and the holder if another runner is alive.</summary>
    Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(
        string runner,
        TimeSpan validFor,
        CancellationToken cancel
    );

    /// <summary>The current or last holder of the lease; null if the ledger has none.</summary>
    Task<LeaseHolder?> HolderAsync(CancellationToken cancel);

    /// <summary>False if the ledger holds another lease.</summary>
    Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel);

    /// <summary>Gives the lease back; nothing happens where it is lost already.</summary>
    Task ReleaseAsync(Lease lease, CancellationToken cancel);
}

/// <summary>
/// The lease is not valid any more: another runner took over, or the ledger lost it. Work in progress was not
/// committed.
/// </summary>
public sealed class LeaseLostException : Exception
{
    /// <summary>With a message of its own.</summary>
    public LeaseLostException()
        : base("This runner lost its lease. It has stopped and has written nothing since.") { }
}

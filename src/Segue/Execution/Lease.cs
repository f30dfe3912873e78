namespace Segue.Execution;

/// <summary>The right to write, for one runner at a time. The token grows with every takeover and fences off older runners.</summary>
public sealed record Lease(long Token);

/// <summary>Who holds the lease, in words for the one who does not.</summary>
public sealed record LeaseHolder(string Runner, DateTimeOffset AcquiredAt, DateTimeOffset LastHeartbeat);

/// <summary>The lease decides which runner may write; the server's clock and the server's own view of sessions decide about it.</summary>
public interface ILeases
{
    /// <summary>Null and the holder when another runner is alive.</summary>
    Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(string runner, TimeSpan validFor, CancellationToken cancel);

    /// <summary>Who holds the lease, or held it last.</summary>
    Task<LeaseHolder> HolderAsync(CancellationToken cancel);

    /// <summary>False when the lease was taken over.</summary>
    Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel);

    Task ReleaseAsync(Lease lease, CancellationToken cancel);
}

/// <summary>Another runner has taken over: whatever was under way was not committed.</summary>
public sealed class LeaseLostException : Exception
{
    public LeaseLostException()
        : base("Another runner has taken over the lease; this one has stopped and wrote nothing since.")
    {
    }
}

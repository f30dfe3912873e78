using Segue.Ledger;

namespace Segue.Tests.Memory;

/// <summary>The lease in memory: it is gone once it has run out, or the engine that took it has ended.</summary>
internal sealed class MemoryLeases(MemoryDatabase database, long session) : ILeases
{
    public Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(
        string runner,
        TimeSpan validFor,
        CancellationToken cancel
    )
    {
        database.Answer();
        database.Reopen(session);
        (Lease? Lease, LeaseHolder? Holder) answer = default;
        database.Commit(state =>
        {
            if (IsAlive(database, state.Lease) && state.Lease!.Session != session)
            {
                answer = (null, HolderOf(state.Lease));
                return state;
            }

            DateTimeOffset now = database.Time.GetUtcNow();
            MemoryLease taken = new(database.NewToken(), runner, session, now, now, now + validFor);
            answer = (new Lease(taken.Token) { AcquiredAt = now }, null);
            return state with { Lease = taken };
        });
        return Task.FromResult(answer);
    }

    public Task<LeaseHolder?> HolderAsync(CancellationToken cancel)
    {
        database.Answer();
        return Task.FromResult(database.State.Lease is { } lease ? HolderOf(lease) : null);
    }

    public Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel)
    {
        database.Answer();
        database.Reopen(session);
        bool renewed = false;
        database.Commit(state =>
        {
            renewed = state.Lease?.Token == lease.Token;
            DateTimeOffset now = database.Time.GetUtcNow();
            return renewed
                ? state with
                {
                    Lease = state.Lease! with { HeartbeatAt = now, ExpiresAt = now + validFor },
                }
                : state;
        });
        return Task.FromResult(renewed);
    }

    public Task ReleaseAsync(Lease lease, CancellationToken cancel)
    {
        database.Answer();
        database.Commit(state =>
            state.Lease?.Token == lease.Token
                ? state with
                {
                    Lease = state.Lease with { ExpiresAt = DateTimeOffset.MinValue },
                }
                : state
        );
        return Task.CompletedTask;
    }

    public static bool IsAlive(MemoryDatabase database, MemoryLease? lease) =>
        lease is not null && lease.ExpiresAt > database.Time.GetUtcNow() && database.IsOpen(lease.Session);

    private LeaseHolder HolderOf(MemoryLease lease) =>
        new(lease.Runner, lease.AcquiredAt, lease.HeartbeatAt)
        {
            Token = lease.Token,
            IsAlive = IsAlive(database, lease),
        };
}

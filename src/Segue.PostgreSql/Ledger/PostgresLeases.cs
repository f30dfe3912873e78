using Npgsql;
using Segue.Execution;

namespace Segue.PostgreSql.Ledger;

/// <summary>
/// One row decides. A holder is gone when its lease ran out, or when the session that took the lease is no longer there; whatever it still
/// does afterwards fails at the fence.
/// </summary>
internal sealed class PostgresLeases(Database database) : ILeases, IAsyncDisposable
{
    private NpgsqlConnection? _session;

    public async Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(string runner, TimeSpan validFor, CancellationToken cancel)
    {
        await DropSessionAsync();
        NpgsqlConnection session = await database.OpenAsync(cancel);
        try
        {
            return await TryAcquireAsync(session, runner, validFor, cancel);
        }
        finally
        {
            // The holder's stays open: that it is there is what tells others, at once, that this runner lives.
            if (_session != session)
            {
                await session.DisposeAsync();
            }
        }
    }

    private async Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(NpgsqlConnection session, string runner, TimeSpan validFor, CancellationToken cancel)
    {
        await using NpgsqlTransaction transaction = await session.BeginTransactionAsync(cancel);
        await session.ExecuteAsync("SELECT set_config('lock_timeout', '10s', true)", cancel);
        (LeaseHolder holder, bool alive) = (await session.QueryAsync(
            HolderQuery,
            row => (new LeaseHolder(row.Nullable<string>(0) ?? "", row.Nullable<DateTimeOffset?>(1) ?? default, row.Nullable<DateTimeOffset?>(2) ?? default), row.GetBoolean(3)),
            cancel))[0];
        if (alive)
        {
            return (null, holder);
        }

        long token = await session.ScalarAsync<long>(
            """
            UPDATE segue.lease SET token = token + 1, runner = $1, backend_pid = pg_backend_pid(),
              backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),
              acquired_at = clock_timestamp(), heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + $2
            RETURNING token
            """,
            cancel, runner, validFor);
        await transaction.CommitAsync(cancel);
        _session = session;
        return (new Lease(token), null);
    }

    public async Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel)
    {
        try
        {
            NpgsqlConnection session = _session ??= await database.OpenAsync(cancel);
            return await session.ExecuteAsync(
                """
                UPDATE segue.lease SET heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + $2, backend_pid = pg_backend_pid(),
                  backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
                WHERE token = $1
                """,
                cancel, lease.Token, validFor) == 1;
        }
        catch (NpgsqlException)
        {
            await DropSessionAsync();
            throw;
        }
    }

    public async Task ReleaseAsync(Lease lease, CancellationToken cancel)
    {
        await database.ExecuteAsync("UPDATE segue.lease SET expires_at = '-infinity', runner = NULL WHERE token = $1", cancel, lease.Token);
        await DropSessionAsync();
    }

    public async ValueTask DisposeAsync() => await DropSessionAsync();

    private async Task DropSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    /// <summary>A condition over <c>segue.lease</c>: whoever holds it is alive.</summary>
    // backend_start is NULL for sessions of other roles that we may not look into: then the process id alone must do.
    internal const string IsAlive =
        """
        lease.expires_at > clock_timestamp() AND EXISTS (
                 SELECT FROM pg_stat_activity a WHERE a.pid = lease.backend_pid AND (a.backend_start IS NULL OR a.backend_start = lease.backend_start))
        """;

    // FOR UPDATE waits for a batch of the holder that is just committing; from then on its next one meets a new token.
    private const string HolderQuery = $"SELECT runner, acquired_at, heartbeat_at, {IsAlive} FROM segue.lease FOR UPDATE";
}

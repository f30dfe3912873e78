using System.Buffers.Binary;
using System.Data;
using System.Security.Cryptography;
using Npgsql;
using Segue.Ledger;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>
/// One row decides. A holder has ended when its lease expired, or when its session does not exist any more. Whatever it
/// still does afterwards fails at the fence.
/// </summary>
internal sealed class PostgresLeases(Database database, LedgerMark mark) : ILeases, IAsyncDisposable
{
    private readonly MessageGuard _guard = new(database);
    private NpgsqlConnection? _session;

    /// <summary>
    /// A lease that a session took when its commit was not answered; only the row shows whether it has it.
    /// </summary>
    private (long Token, int Pid)? _unanswered;

    public async Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(
        string runner,
        TimeSpan validFor,
        CancellationToken cancel
    )
    {
        await DropSessionAsync();

        // Without a lock first: a running runner must not wait for those that ask.
        if (await database.QueryAsync(HolderQuery, Read, cancel) is [var now] && IsAnothers(now))
        {
            return (null, now.Holder);
        }

        NpgsqlConnection session = await database.OpenOwnAsync(cancel);
        try
        {
            (Lease? lease, LeaseHolder? holder) = await TakeAsync(session, runner, validFor, cancel);
            if (lease is not null)
            {
                await _guard.BeginAsync(session, cancel);
            }

            // The session stays open: its existence shows others at once that this runner is alive.
            _session = lease is null ? null : session;
            return (lease, holder);
        }
        finally
        {
            if (_session is null)
            {
                await session.DisposeAsync();
            }
        }
    }

    public async Task<LeaseHolder?> HolderAsync(CancellationToken cancel) =>
        await database.QueryAsync(HolderQuery, Read, cancel) is [{ Holder.AcquiredAt: var acquired } row]
        && acquired != default
            ? row.Holder
            : null;

    public async Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel)
    {
        NpgsqlConnection session = await UsableSessionAsync(cancel);
        bool isAnswered = false;
        try
        {
            int rows = await session.ExecuteAsync(
                """
                UPDATE segue.lease SET heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + $2,
                    backend_pid = pg_backend_pid(),
                  backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
                WHERE token = $1
                """,
                cancel,
                lease.Token,
                validFor
            );
            isAnswered = true;
            return rows == 1;
        }
        finally
        {
            // An answer that arrives too late finds another session in its place.
            if (!isAnswered || session != _session)
            {
                await DropAsync(session);
            }
        }
    }

    public async Task ReleaseAsync(Lease lease, CancellationToken cancel)
    {
        try
        {
            await database.ExecuteAsync(
                "UPDATE segue.lease SET expires_at = '-infinity' WHERE token = $1",
                cancel,
                lease.Token
            );
        }
        finally
        {
            await DropSessionAsync();
        }
    }

    public async ValueTask DisposeAsync() => await DropSessionAsync();

    private async Task<(Lease? Lease, LeaseHolder? Holder)> TakeAsync(
        NpgsqlConnection session,
        string runner,
        TimeSpan validFor,
        CancellationToken cancel
    )
    {
        await using NpgsqlTransaction transaction = await session.BeginTransactionAsync(
            IsolationLevel.ReadCommitted,
            cancel
        );
        await session.ExecuteAsync(
            "SELECT set_config('lock_timeout', '10s', true), "
                + "set_config('idle_in_transaction_session_timeout', '5s', true)",
            cancel
        );

        // The row was deleted, or a restore left it out: it contains nothing that must last.
        await session.ExecuteAsync(
            "INSERT INTO segue.lease (token, expires_at) VALUES (0, '-infinity') ON CONFLICT DO NOTHING",
            cancel
        );

        // FOR UPDATE waits for a batch of the holder that is just committing; its next batch then meets a new token.
        Row now = (await session.QueryAsync($"{HolderQuery} FOR UPDATE", Read, cancel))[0];
        if (IsAnothers(now))
        {
            return (null, now.Holder);
        }

        // A counter would repeat numbers on a server that did not receive the last of them.
        long token =
            BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue;
        DateTimeOffset acquired = (
            await session.QueryAsync(
                """
                UPDATE segue.lease SET token = $3, runner = $1, backend_pid = pg_backend_pid(),
                  backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),
                  acquired_at = clock_timestamp(), heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + $2
                RETURNING acquired_at
                """,
                row => row.GetFieldValue<DateTimeOffset>(0),
                cancel,
                runner,
                validFor,
                token
            )
        )[0];
        _unanswered = (token, session.ProcessID);
        await transaction.CommitAsync(cancel);
        mark.Begin(await TimelineAsync(session, cancel));
        return (new Lease(token) { AcquiredAt = acquired }, null);
    }

    /// <summary>
    /// Each promotion and each restore to a point in time begins another one. Null if the server does not report it.
    /// </summary>
    internal static async Task<string?> TimelineAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        try
        {
            return await connection.ScalarAsync<string>(
                "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)",
                cancel
            );
        }
        catch (PostgresException error) when (Errors.Classify(error) == Engines.ErrorClass.Permanent)
        {
            return null;
        }
    }

    private bool IsAnothers(Row row) => row.Holder.IsAlive && (row.Holder.Token, row.Pid) != _unanswered;

    private static Row Read(NpgsqlDataReader row) =>
        new(
            row.Nullable<int?>(1) ?? 0,
            new LeaseHolder(
                row.Nullable<string>(2) ?? "",
                row.Nullable<DateTimeOffset?>(3) ?? default,
                row.Nullable<DateTimeOffset?>(4) ?? default
            )
            {
                IsAlive = row.GetBoolean(5),
                Token = row.GetInt64(0),
            }
        );

    private async Task<NpgsqlConnection> UsableSessionAsync(CancellationToken cancel)
    {
        // Busy or broken: a renewal was not answered.
        if (_session is { FullState: not ConnectionState.Open })
        {
            await DropSessionAsync();
        }

        if (_session is null)
        {
            _session = await database.OpenOwnAsync(cancel);
            await _guard.BeginAsync(_session, cancel);
        }

        return _session;
    }

    private Task DropSessionAsync() => _session is { } session ? DropAsync(session) : Task.CompletedTask;

    private async Task DropAsync(NpgsqlConnection session)
    {
        Interlocked.CompareExchange(ref _session, null, session);

        // A connection that is still busy with an unanswered renewal is closed by the code that waits for the answer.
        if (session.FullState is ConnectionState.Open or ConnectionState.Broken)
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>A condition over <c>segue.lease</c>: its holder is alive.</summary>
    // backend_start is NULL for sessions of other roles that our role may not see: then only the process id counts.
    internal const string IsAlive = """
        lease.expires_at > clock_timestamp() AND EXISTS (
                 SELECT FROM pg_stat_activity a WHERE a.pid = lease.backend_pid AND a.datname = current_database()
                     AND (a.backend_start IS NULL OR a.backend_start = lease.backend_start))
        """;

    private const string HolderQuery =
        $"SELECT token, backend_pid, runner, acquired_at, heartbeat_at, {IsAlive} FROM segue.lease";

    private sealed record Row(int Pid, LeaseHolder Holder);
}

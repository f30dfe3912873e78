using Npgsql;
using Segue.Engines;
using Segue.Planning;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// Long statements on a connection of their own, outside a transaction. Without a lock timeout: it would count the waits for old transactions
/// that a concurrent build must make, and leave an invalid index behind.
/// </summary>
internal sealed class OnlineStatements(Database database) : IOnlineStatements
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(5);

    /// <summary>In a row. A restart or a failover ends the session with an error long before; this many are a network that went without a word.</summary>
    private const int MissesUntilLost = 6;

    /// <summary>The server keeps the beginning of a long statement only (<c>track_activity_query_size</c>, a few bytes less where a character would be cut).</summary>
    private const string IsAtWorkOn =
        """
        datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
          AND (query = $1 OR (octet_length(query) >= (SELECT setting::int - 5 FROM pg_settings WHERE name = 'track_activity_query_size') AND starts_with($1, query)))
        """;

    public async Task RunAsync(OnlineCall call, OnlineWatch watch, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenOwnAsync(cancel);
        await BeginAsync(connection, call, cancel);
        using CancellationTokenSource lost = new();
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancel, lost.Token);
        Task watching = WatchAsync(connection.ProcessID, watch, lost, done.Token);
        try
        {
            await connection.ExecuteLongAsync(call.Statement, either.Token);
        }
        catch (Exception error) when (lost.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new NpgsqlException("The session of a long statement does not answer any more.", new IOException("the network went silent, or the session is gone", error));
        }
        finally
        {
            await done.CancelAsync();
            await watching;
        }
    }

    public async Task<bool> IsRunningAsync(string statement, CancellationToken cancel) =>
        await database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {IsAtWorkOn})", cancel, statement);

    public Task CancelAsync(string statement, CancellationToken cancel) =>
        database.ExecuteAsync($"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {IsAtWorkOn}", cancel, statement);

    private static async Task BeginAsync(NpgsqlConnection connection, OnlineCall call, CancellationToken cancel)
    {
        await using NpgsqlBatch batch = connection.CreateBatch();

        // A runner that is frozen between fence and statement finds its session ended, long before its lease can be another's.
        batch.Add(
            """
            SELECT set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false), set_config('idle_session_timeout', '3s', false),
                   set_config('search_path', $1, false)
            """,
            Sql.Names(call.Plan.SearchPath));
        batch.Add("SELECT segue.fence($1)", call.Lease.Token);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Tells how it goes; and that there is nobody any more to wait for, which a silent network would never tell.</summary>
    private async Task WatchAsync(int pid, OnlineWatch watch, CancellationTokenSource lost, CancellationToken cancel)
    {
        int misses = 0;
        try
        {
            while (misses < MissesUntilLost)
            {
                await Task.Delay(WatchEvery, cancel);
                misses = await IsSeenAsync(pid, watch, cancel) ? 0 : misses + 1;
            }

            await lost.CancelAsync();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The statement has ended.
        }
    }

    private async Task<bool> IsSeenAsync(int pid, OnlineWatch watch, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(LookLimit);
        try
        {
            if (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND (state IS NULL OR state = 'active'))", limit.Token, pid))
            {
                return false;
            }

            watch.Report(await LookAsync(pid, watch.ProgressQuery, limit.Token));
            return true;
        }
        catch (PostgresException)
        {
            // The server is there, and its answer to this says nothing about the statement.
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<OnlineProgress> LookAsync(int pid, string? progressQuery, CancellationToken cancel)
    {
        string? waitsFor = await database.ScalarAsync<string>(
            """
            SELECT string_agg(format('pid %s (%s, user %s, %s for %s s)', b.pid, nullif(b.application_name, ''), b.usename, b.state,
                   round(extract(epoch FROM clock_timestamp() - b.xact_start))), '; ')
            FROM pg_stat_activity b WHERE b.pid = ANY (pg_blocking_pids($1))
            """,
            cancel, pid);
        OnlineProgress progress = new("running", null, null, waitsFor);
        if (progressQuery is null)
        {
            return progress;
        }

        IReadOnlyList<OnlineProgress> rows = await database.QueryAsync(
            progressQuery, row => new OnlineProgress(row.GetString(0), row.GetInt64(1), row.GetInt64(2), waitsFor), cancel);
        return rows.Count > 0 ? rows[0] : progress;
    }
}

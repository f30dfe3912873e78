using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Throttling;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// Long statements on a separate connection, outside a transaction. Without a lock timeout: it would count the waits
/// for old transactions that a concurrent build must make, and leave an invalid index behind.
/// </summary>
internal sealed class OnlineStatements(Database database) : IOnlineStatements
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long to wait for the end of a statement that the server does not show (the statement or the server may have
    /// ended).
    /// </summary>
    private static readonly TimeSpan Unseen = TimeSpan.FromSeconds(20);

    public async Task RunAsync(OnlineCall call, OnlineWatch watch, CancellationToken cancel)
    {
        NpgsqlConnection connection = await database.OpenOwnAsync(cancel);
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task watching = WatchAsync(connection.ProcessID, watch, done.Token);
        Task running = RunAsync(connection, call, cancel);
        if (await Task.WhenAny(running, watching) == watching && watching.IsFaulted)
        {
            // It is not cancelled: if it still runs, it is adopted once the server is back.
            await watching;
        }

        try
        {
            await running;
        }
        catch (PostgresException error)
        {
            await ErrorOrigin.AddAsync(database, error, cancel);
            throw;
        }
        finally
        {
            await done.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task<bool> IsRunningAsync(string statement, CancellationToken cancel) =>
        await database.ScalarAsync<bool>($"SELECT EXISTS (SELECT {FromRunning})", cancel, statement);

    public Task CancelAsync(string statement, CancellationToken cancel) =>
        database.ExecuteAsync($"SELECT pg_cancel_backend(a.pid) {FromRunning}", cancel, statement);

    private static async Task RunAsync(NpgsqlConnection connection, OnlineCall call, CancellationToken cancel)
    {
        await using (connection)
        {
            await BeginAsync(connection, call, cancel);
            await connection.ExecuteLongAsync(call.Statement, cancel);
        }
    }

    private static async Task BeginAsync(NpgsqlConnection connection, OnlineCall call, CancellationToken cancel)
    {
        await using NpgsqlBatch batch = connection.CreateBatch();

        // A runner that freezes between fence and statement finds its session ended, long before another runner can get
        // its lease.
        batch.Add(
            """
            SELECT set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false),
                set_config('idle_session_timeout', '3s', false)
            """
        );
        batch.Add(BesideApp);
        foreach ((string name, string value) in LocalSettings.Of(call.Plan))
        {
            batch.Add("SELECT set_config($1, $2, false)", name, value);
        }

        batch.Add("SELECT segue.fence($1)", call.Lease.Token);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// An index build takes all configured cores, and a long one cannot give them back: it gets one core if an app was
    /// active in the last minute. ANALYZE and the cleaning of an index sleep 2 ms for each 200 pages in memory, and
    /// longer for other pages.
    /// </summary>
    private static readonly string BesideApp = $"""
        SELECT set_config(name, value, false) FROM (VALUES ('max_parallel_maintenance_workers', '0'),
            ('vacuum_cost_delay', '2ms')) AS gentle(name, value)
        WHERE {AppActivity.IsSeenWithin("1 min")}
        """;

    /// <summary>Ends only by failing: when the server has not shown the statement for too long.</summary>
    private async Task WatchAsync(int pid, OnlineWatch watch, CancellationToken cancel)
    {
        long seen = database.Time.GetTimestamp();
        while (database.Time.GetElapsedTime(seen) < Unseen)
        {
            await Task.Delay(WatchEvery, database.Time, cancel);
            try
            {
                if (
                    await LookAsync(pid, watch.ProgressQuery).WaitAsync(LookPatience, database.Time, cancel) is
                    { } progress
                )
                {
                    seen = database.Time.GetTimestamp();
                    watch.Report(progress);
                }
            }
            catch (PostgresException)
            {
                // A server that refuses our query is running, and will report how the statement ended.
                seen = database.Time.GetTimestamp();
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException)
            {
                // The server does not show it.
            }
        }

        throw new NpgsqlException(
            "The server no longer shows the statement.",
            new TimeoutException($"the server has not shown the running statement for {Plain.Duration(Unseen)}")
        );
    }

    /// <summary>Null if the backend does not run anything any more.</summary>
    private async Task<OnlineProgress?> LookAsync(int pid, string? progressQuery)
    {
        IReadOnlyList<string?> waitsFor = await database.QueryAsync(
            """
            SELECT (SELECT string_agg(format('pid %s (%s, user %s, %s for %s s)', b.pid, nullif(b.application_name, ''),
                b.usename, b.state,
                   round(extract(epoch FROM clock_timestamp() - b.xact_start))), '; ')
                   FROM pg_stat_activity b WHERE b.pid = ANY (pg_blocking_pids(a.pid)))
            FROM pg_stat_activity a WHERE a.pid = $1 AND a.state IS DISTINCT FROM 'idle'
            """,
            row => row.Nullable<string>(0),
            CancellationToken.None,
            pid
        );
        if (waitsFor.Count == 0)
        {
            return null;
        }

        OnlineProgress progress = new("running", null, null, waitsFor[0]);
        if (progressQuery is null)
        {
            return progress;
        }

        IReadOnlyList<OnlineProgress> rows = await database.QueryAsync(
            progressQuery,
            row => new OnlineProgress(row.GetString(0), row.GetInt64(1), row.GetInt64(2), waitsFor[0]),
            CancellationToken.None
        );
        return rows.Count > 0 ? rows[0] : progress;
    }

    // The server keeps track_activity_query_size bytes of a text, less the end of string and the rest of a cut
    // character.
    private const string FromRunning = """
        FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
            AND a.state = 'active'
          AND (a.query = $1 OR (octet_length(a.query) >= (SELECT setting::int - 4 FROM pg_settings
              WHERE name = 'track_activity_query_size') AND starts_with($1, a.query)))
        """;
}

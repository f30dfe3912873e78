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

    public async Task RunAsync(OnlineCall call, OnlineWatch watch, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await BeginAsync(connection, call, cancel);
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task watching = WatchAsync(connection.ProcessID, watch, done.Token);
        try
        {
            await connection.ExecuteAsync(call.Statement, cancel);
        }
        finally
        {
            await done.CancelAsync();
            await watching;
        }
    }

    public async Task<bool> IsRunningAsync(string statement, CancellationToken cancel) =>
        await database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query = $1)",
            cancel, statement);

    public Task CancelAsync(string statement, CancellationToken cancel) =>
        database.ExecuteAsync(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query = $1",
            cancel, statement);

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

    private async Task WatchAsync(int pid, OnlineWatch watch, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(WatchEvery, cancel);
                watch.Report(await LookAsync(pid, watch.ProgressQuery, cancel));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or NpgsqlException)
        {
            // Watching is a courtesy; the statement itself tells how it went.
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

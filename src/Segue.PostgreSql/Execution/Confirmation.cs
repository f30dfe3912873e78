using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// Waits for synchronous standbys in a separate transaction, as the user's <c>synchronous_commit</c> requires. Our
/// other sessions commit with <c>local</c> or <c>off</c>: a commit that waits keeps all its locks. The log is confirmed
/// in order, so this commit confirms all before it.
/// </summary>
internal sealed class Confirmation(Database database) : IConfirmation
{
    public async Task WaitAsync(string change, CancellationToken cancel)
    {
        while (await IsNeededAsync(cancel) && !await TryAsync(change, cancel)) { }
    }

    public Task<bool> IsNeededAsync(CancellationToken cancel) =>
        database.ScalarAsync<bool>(
            $"""
            SELECT current_setting('synchronous_standby_names') <> '' AND {UsersSetting} NOT IN ('off', 'local')
            """,
            cancel
        );

    public async Task<string> DescribeAsync(CancellationToken cancel) =>
        (await database.ScalarAsync<string>(WaitsForQuery, cancel))!;

    /// <summary>
    /// False if the wait was cancelled, by an administrator or by its time limit: the confirmation may still be
    /// missing.
    /// </summary>
    private async Task<bool> TryAsync(string change, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenOwnAsync(cancel);
        bool isConfirmed = true;

        // "canceling wait for synchronous replication": the server ends the wait with a warning, not with an error.
        connection.Notice += (_, notice) => isConfirmed &= notice.Notice.InvariantSeverity != "WARNING";
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Add($"SELECT set_config('synchronous_commit', {UsersSetting}, true)");

        // Writes a record to the log, without which a commit does not wait, and blocks nothing: KEY SHARE conflicts
        // with no update of ours.
        batch.Add("SELECT FROM segue.change WHERE name = $1 FOR KEY SHARE", change);
        try
        {
            await batch.ExecuteNonQueryAsync(cancel);
        }
        catch (NpgsqlException error)
            when (error is { InnerException: TimeoutException } && !cancel.IsCancellationRequested)
        {
            return false;
        }

        cancel.ThrowIfCancellationRequested();
        return isConfirmed;
    }

    /// <summary>
    /// The values of role, database, connection string and server, regardless of our sessions' own settings.
    /// </summary>
    private const string UsersSetting = "(SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit')";

    // A role without privileges sees that there is a standby, but neither its state nor its position.
    private const string WaitsForQuery = $"""
        SELECT format('The change so far is committed and holds no lock. Waiting until synchronous standbys %s '
            'it (synchronous_standby_names = %L): %s. Start the standby, or take it out of synchronous_standby_names; '
            'to interrupt the run loses nothing.',
          CASE {UsersSetting} WHEN 'remote_apply' THEN 'have replayed' WHEN 'remote_write' THEN 'have received'
              ELSE 'have stored' END,
          current_setting('synchronous_standby_names'),
          coalesce((SELECT string_agg(concat_ws(' ',
              coalesce(nullif(application_name, ''), client_addr::text, pid::text), 'is', coalesce(state, 'connected'),
              'and',
              pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), CASE {UsersSetting}
                  WHEN 'remote_apply' THEN replay_lsn WHEN 'remote_write' THEN write_lsn ELSE flush_lsn END)),
                  'behind'), '; ')
            FROM pg_stat_replication WHERE sync_state IS DISTINCT FROM 'async'), 'none of them is connected'))
        """;
}

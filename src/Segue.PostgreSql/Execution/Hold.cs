using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// The time for which one transaction holds a strong lock, measured by the server, and the server's own limits for it:
/// no statement, and no pause of ours between two of them, lasts longer than the budget, even if this process is
/// frozen. The statements of a hold are sent together, up to COMMIT, so that no lock waits for a network.
/// </summary>
internal sealed class Hold(int budgetMs, TimeProvider time)
{
    private const string IdleInTransactionTimeout = "25P03";
    private const string WaitColumn = "segue_lock_wait";
    private const string BeganColumn = "segue_hold_began";
    private const string EndedColumn = "segue_hold_ended";
    private const string Now = "extract(epoch FROM clock_timestamp()) * 1000";

    private readonly long _asked = time.GetTimestamp();
    private double? _began;
    private double? _ended;

    /// <summary>The first lock was obtained.</summary>
    public bool HasBegun => _began is not null;

    /// <summary>How long the transaction waited for its first lock.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>How long it held the lock; until now where the server did not say.</summary>
    public TimeSpan Elapsed =>
        _began is not { } began ? TimeSpan.Zero
        : _ended is { } ended ? TimeSpan.FromMilliseconds(ended - began)
        : time.GetElapsedTime(_asked) - Waited;

    /// <summary>Right before the first lock.</summary>
    public static void AddAsk(NpgsqlBatch batch) =>
        batch.Add($"SELECT set_config('segue.lock_asked', ({Now})::text, true)");

    /// <summary>Right after the first lock: the server records how long it may be held.</summary>
    public void AddBegin(NpgsqlBatch batch)
    {
        batch.Add(
            $"""
            SELECT set_config('segue.hold_until', (began + $1)::text, true),
                set_config('segue.lock_wait', wait::text, true), wait AS {WaitColumn}, began AS {BeganColumn}
            FROM (SELECT began, began - current_setting('segue.lock_asked')::double precision AS wait
                FROM (SELECT ({Now})::double precision AS began OFFSET 0) AS clock OFFSET 0) AS lock
            """,
            (double)budgetMs
        );
        AddLimit(batch);
    }

    /// <summary>
    /// The rest of the budget limits the next statement, and our silence after it: both limits are for one statement.
    /// </summary>
    public static void AddLimit(NpgsqlBatch batch) =>
        batch.Add(
            $"""
            SELECT set_config('statement_timeout', rest, true),
                set_config('idle_in_transaction_session_timeout', rest, true)
            FROM (SELECT greatest(1, ceil(current_setting('segue.hold_until')::numeric - {Now}))
                || 'ms' AS rest) AS budget
            """
        );

    /// <summary>Commits, unless the budget is used up.</summary>
    public static void AddCommit(NpgsqlBatch batch)
    {
        // COMMIT itself has no time limit: what is deferred to it runs before, within the budget.
        batch.Add(Sql.RunDeferredNow);
        AddLimit(batch);
        batch.Add(
            Sql.Do(
                $"""
                BEGIN
                  IF {Now} > current_setting('segue.hold_until')::numeric THEN
                    RAISE EXCEPTION 'The locks were held for too long.' USING ERRCODE = 'query_canceled';
                  END IF;
                END
                """
            )
        );
        batch.Add("COMMIT");
        batch.Add($"SELECT ({Now})::double precision AS {EndedColumn}");
    }

    /// <summary>Sends the batch and reads from the server when the hold began and ended.</summary>
    public async Task RunAsync(NpgsqlBatch batch, CancellationToken cancel)
    {
        await using NpgsqlDataReader answers = await batch.ExecuteReaderAsync(cancel);
        do
        {
            switch (answers.FieldCount == 0 ? "" : answers.GetName(answers.FieldCount - 1))
            {
                case BeganColumn:
                    await answers.ReadAsync(cancel);
                    Waited = TimeSpan.FromMilliseconds(answers.GetFieldValue<double>(2));
                    _began = answers.GetFieldValue<double>(3);
                    break;
                case EndedColumn:
                    await answers.ReadAsync(cancel);
                    _ended = answers.GetFieldValue<double>(0);
                    break;
            }
        } while (await answers.NextResultAsync(cancel));
    }

    /// <summary>The server stopped the statement or ended the session because of it.</summary>
    public static bool IsOver(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.QueryCanceled or IdleInTransactionTimeout;
}

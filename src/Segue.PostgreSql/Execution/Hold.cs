using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// The time for which one transaction has held a strong lock, and the server's own limits for it: no statement, and no
/// pause of ours between two of them, lasts longer than the budget, even if this process is frozen.
/// </summary>
internal sealed class Hold(int budgetMs)
{
    private const string IdleInTransactionTimeout = "25P03";
    private long? _began;

    public bool HasBegun => _began is not null;

    public TimeSpan Elapsed => _began is { } began ? TimeProvider.System.GetElapsedTime(began) : TimeSpan.Zero;

    public void Begin() => _began = TimeProvider.System.GetTimestamp();

    /// <summary>Right after the first lock: the server records how long it may be held.</summary>
    public void AddBegin(NpgsqlBatch batch)
    {
        batch.Add(
            "SELECT set_config('segue.hold_until', (extract(epoch FROM clock_timestamp()) * 1000 + $1)::text, true)",
            budgetMs
        );
        AddLimit(batch);
    }

    /// <summary>
    /// The rest of the budget limits the next statement, and our silence after it: both limits are for one statement.
    /// </summary>
    public static void AddLimit(NpgsqlBatch batch) =>
        batch.Add(
            """
            SELECT set_config('statement_timeout', rest, true),
                set_config('idle_in_transaction_session_timeout', rest, true)
            FROM (SELECT greatest(1,
                ceil(current_setting('segue.hold_until')::numeric - extract(epoch FROM clock_timestamp()) * 1000))
                || 'ms' AS rest) AS budget
            """
        );

    /// <summary>The server stopped the statement or ended the session because of it.</summary>
    public static bool IsOver(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.QueryCanceled or IdleInTransactionTimeout;
}

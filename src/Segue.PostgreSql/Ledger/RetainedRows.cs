using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>
/// Writes what becomes of a kept object. Plans before format 4 contain statements that write the same row; both may
/// run.
/// </summary>
internal static class RetainedRows
{
    public static void AddRetention(this NpgsqlBatch batch, string change, string step, RetentionEntry entry)
    {
        switch (entry.State)
        {
            case RetentionState.Kept:
                batch.Add(
                    """
                    INSERT INTO segue.retained (change, step, what, relation, until)
                    VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
                    ON CONFLICT (change, step) DO UPDATE SET what = excluded.what, relation = excluded.relation,
                        since = excluded.since, until = excluded.until, purged_at = NULL
                    """,
                    change,
                    step,
                    entry.Kept.What,
                    entry.Kept.Relation,
                    (double)entry.Kept.Seconds
                );
                break;
            case RetentionState.Restored:
                batch.Add("DELETE FROM segue.retained WHERE change = $1 AND step = $2", change, step);
                break;
            case RetentionState.Purged:
                batch.Add(
                    "UPDATE segue.retained SET purged_at = coalesce(purged_at, clock_timestamp()) WHERE change = $1 "
                        + "AND step = $2",
                    change,
                    step
                );
                break;
        }
    }
}

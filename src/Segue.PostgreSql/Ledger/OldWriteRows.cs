using Npgsql;
using Segue.Ledger;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>Reads what the triggers of changes counted.</summary>
internal sealed class OldWriteRows(Database database)
{
    /// <summary>The SQLSTATE by which a batch reports that old code wrote.</summary>
    public const string Wrote = "SG013";

    public async Task<IReadOnlyList<OldWrites>> AllAsync(CancellationToken cancel) =>
        !await LedgerTable.ExistsAsync(database, "old_write", cancel)
            ? []
            : await database.QueryAsync(
                """
                SELECT change, relation, application, role, breaks, sum(writes)::bigint,
                  coalesce(sum(recent) FILTER (WHERE last_at > clock_timestamp() - interval '1 minute'), 0)::bigint,
                  greatest(date_part('epoch', clock_timestamp() - max(last_at)), 0)
                FROM segue.old_write GROUP BY change, relation, application, role, breaks
                ORDER BY max(last_at) DESC, change, relation, application, role, breaks
                """,
                row => new OldWrites
                {
                    Change = row.GetString(0),
                    Relation = row.GetString(1),
                    Application = row.GetString(2),
                    Role = row.GetString(3),
                    Breaks = row.GetBoolean(4),
                    Count = row.GetInt64(5),
                    LastMinute = row.GetInt64(6),
                    LastAgo = TimeSpan.FromSeconds(row.GetDouble(7)),
                },
                cancel
            );

    /// <summary>Raises <see cref="Wrote"/> if a write that would fail afterwards was seen in this time.</summary>
    public static string Refuse(string change, TimeSpan quietFor) =>
        Sql.Do(
            $"""
            BEGIN
              IF EXISTS (SELECT FROM segue.old_write WHERE change = {Sql.Literal(change)} AND breaks
                  AND last_at > clock_timestamp() - make_interval(secs => {quietFor.TotalSeconds:0.###})) THEN
                RAISE 'old code wrote' USING ERRCODE = '{Wrote}';
              END IF;
            END
            """
        );
}

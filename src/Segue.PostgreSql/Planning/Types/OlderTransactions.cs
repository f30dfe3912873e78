using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>
/// A constraint that was added unproven holds for every statement that begins after its commit. Earlier transactions
/// may still write, or have written, violating values that are not visible yet. Only when all of them have ended does a
/// scan find those rows.
/// </summary>
internal static class OlderTransactions
{
    /// <summary>
    /// Idle transactions that have written nothing do not count. We commit after every poll, so nobody waits for us.
    /// </summary>
    private const string AtWork = """
        SELECT l.virtualtransaction FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
              WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND a.datname = current_database()
                  AND a.pid <> pg_backend_pid() AND coalesce(a.backend_type, '') NOT IN ('autovacuum worker',
                  'walsender')
                AND (a.state IS DISTINCT FROM 'idle in transaction'
                    OR EXISTS (SELECT FROM pg_catalog.pg_locks x WHERE x.locktype = 'transactionid'
                    AND x.mode = 'ExclusiveLock' AND x.virtualtransaction = l.virtualtransaction))
              UNION ALL SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()
        """;

    /// <param name="what">The constraint that was added before, in words.</param>
    public static OnlineStep Wait(string id, string what)
    {
        string body = $"""
            DECLARE
              older text[] := ARRAY({AtWork});
            BEGIN
              WHILE older && ARRAY({AtWork}) LOOP
                COMMIT;
                PERFORM pg_sleep(0.1);
              END LOOP;
            END
            """;
        string statement = $"DO /* {id.Replace("/", " ")} */ {Sql.Literal(body)}";
        return new OnlineStep
        {
            Id = id,
            Title = $"wait for transactions that started before {what} was added",
            Statement = statement,
            Progress = $"""
                SELECT concat('waits for pid ', string_agg(b.pid::text, ', ' ORDER BY b.xact_start)), 0::bigint,
                    0::bigint FROM pg_catalog.pg_stat_activity a
                    JOIN pg_catalog.pg_stat_activity b ON b.xact_start < a.query_start AND b.datname = a.datname
                WHERE a.state = 'active' AND a.query <> '' AND starts_with({Sql.Literal(statement)}, a.query) HAVING
                    count(*) > 0
                """,
            Impact = new Impact { Locks = [], Cost = Cost.Wait },
        };
    }
}

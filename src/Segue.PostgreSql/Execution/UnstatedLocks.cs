using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// Locks of a transaction that its plan does not declare, in modes that an app or a background task would feel.
/// </summary>
internal static class UnstatedLocks
{
    /// <summary>
    /// Asked in another session: there an object that the transaction dropped still has its name, and one that it
    /// created is not visible yet.
    /// </summary>
    public static async Task<IReadOnlyList<string>> OfAsync(
        Database database,
        NpgsqlConnection transaction,
        IReadOnlyList<RelationLock> stated,
        CancellationToken cancel
    ) =>
        await database.QueryAsync(
            Query,
            row => row.GetString(0),
            cancel,
            await transaction.ScalarAsync<int>("SELECT pg_backend_pid()", cancel),
            Locks.All.Skip(Locks.Strength(Locks.ShareUpdateExclusive)).ToArray(),
            stated.Select(held => held.Relation).ToArray(),
            stated.Select(held => string.Join(',', Locks.All.Take(Locks.Strength(held.Mode) + 1))).ToArray()
        );

    // A declared lock on a table includes its partitions, also new ones, and its own sequences.
    private static readonly string Query = $"""
        WITH held AS (
          SELECT c.oid, c.relkind, {Sql.Qualified("n.nspname", "c.relname")}
              AS name, upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g'))) AS mode
          FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE l.pid = $1 AND l.granted AND l.locktype = 'relation'
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S') AND n.nspname NOT IN ('information_schema', 'segue')
                AND n.nspname !~ '^pg_'),
        covering AS (
          SELECT held.oid, held.oid AS by FROM held
          UNION SELECT held.oid, d.refobjid FROM held JOIN pg_depend d ON held.relkind = 'S'
              AND d.classid = 'pg_class'::regclass AND d.objid = held.oid AND d.refclassid = 'pg_class'::regclass
              AND d.deptype IN ('a', 'i'))
        SELECT DISTINCT format('%s on %s', held.mode, held.name) FROM held
        WHERE held.mode = ANY ($2) AND NOT EXISTS (
          SELECT FROM covering JOIN unnest($3, $4) AS stated(relation, modes)
              ON held.mode = ANY (string_to_array(stated.modes, ','))
          WHERE covering.oid = held.oid AND to_regclass(stated.relation)::oid IN (SELECT covering.by UNION SELECT relid
              FROM pg_partition_ancestors(covering.by)))
        ORDER BY 1
        """;
}

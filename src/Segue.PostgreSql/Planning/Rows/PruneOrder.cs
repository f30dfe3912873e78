using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>The order in which rows of several tables can be deleted: children before their parents.</summary>
internal sealed class PruneOrder(NpgsqlConnection connection, Change change, Table table)
{
    /// <summary>Tables that the change prunes before this one, by their operation.</summary>
    public async Task<IReadOnlyList<string>> BeforeAsync(PruneRows operation, CancellationToken cancel) =>
        await RelationsAsync(change.Operations.TakeWhile(each => !ReferenceEquals(each, operation)), cancel);

    /// <summary>
    /// Null unless the deleted rows refer to each other in a cycle of tables: none of them can be deleted first.
    /// </summary>
    public async Task<Problem?> ObjectionAsync(PruneRows operation, CancellationToken cancel)
    {
        IReadOnlyList<string> pruned = await RelationsAsync(change.Operations, cancel);
        string? ring =
            pruned.Count < 2
                ? null
                : await connection.ScalarAsync<string>(RingQuery, cancel, (long)table.Oid, pruned.ToArray());
        return ring is null
            ? null
            : new Problem(
                operation.Title,
                $"the foreign keys of the pruned tables form a cycle ({ring}): in any order, rows of "
                    + "another table may still refer to the deleted ones.",
                "Break the cycle first: set the referring column of the rows to delete to NULL, with a "
                    + "`backfill` in a change before this one, and prune that table last; or give one of the "
                    + "keys `on_delete`."
            );
    }

    private async Task<IReadOnlyList<string>> RelationsAsync(
        IEnumerable<Operation> operations,
        CancellationToken cancel
    )
    {
        List<string> relations = [];
        foreach (PruneRows prune in operations.OfType<PruneRows>())
        {
            relations.AddRange(
                await CatalogReader.FindAsync(connection, prune.Table, cancel) is { } found
                    ? [found.Sql]
                    : Array.Empty<string>()
            );
        }

        return [.. relations.Distinct()];
    }

    // From a table to those that its rows refer to, by keys that forbid deleting a referenced row.
    private const string RingQuery = """
        WITH RECURSIVE pruned AS (SELECT to_regclass(name)::oid AS oid FROM unnest($2) AS name),
        walk AS (
          SELECT k.confrelid AS at, ARRAY[k.conrelid, k.confrelid] AS path FROM pg_constraint k
          WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confdeltype IN ('a', 'r') AND k.conrelid = $1::oid
              AND k.confrelid <> k.conrelid AND k.confrelid IN (SELECT oid FROM pruned)
          UNION ALL
          SELECT k.confrelid, walk.path || k.confrelid FROM walk JOIN pg_constraint k ON k.conrelid = walk.at
          WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confdeltype IN ('a', 'r')
              AND k.confrelid IN (SELECT oid FROM pruned) AND k.confrelid <> ALL (walk.path[2:]))
        SELECT (SELECT string_agg(step::regclass::text, ' -> ' ORDER BY position)
            FROM unnest(path) WITH ORDINALITY AS u (step, position))
        FROM walk WHERE at = $1::oid ORDER BY cardinality(path), path::text LIMIT 1
        """;
}

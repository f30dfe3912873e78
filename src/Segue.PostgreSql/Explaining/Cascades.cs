using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Tables whose rows a DELETE deletes or changes by the actions of foreign keys, over any number of keys.
/// </summary>
internal sealed class Cascades(NpgsqlConnection connection)
{
    /// <param name="relations">The tables whose rows are deleted; qualified and quoted.</param>
    public Task<IReadOnlyList<Cascade>> OfAsync(IReadOnlyList<string> relations, CancellationToken cancel) =>
        connection.QueryAsync(
            Query,
            row => new Cascade(
                row.GetString(0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3) == "c",
                row.GetDouble(4),
                row.GetDouble(5)
            ),
            cancel,
            (object)relations.ToArray()
        );

    // References to a partition's rows are references to its root; a key's copies on partitions belong to the root's
    // key.
    private static readonly string Query = $"""
        WITH RECURSIVE reached AS (
          SELECT relid::oid AS relation FROM unnest($1) AS given JOIN LATERAL (
            SELECT relid FROM pg_partition_ancestors(given::regclass) UNION SELECT relid
                FROM pg_partition_tree(given::regclass) UNION SELECT given::regclass) AS of_it ON true
          UNION SELECT k.conrelid FROM reached r JOIN pg_constraint k ON k.confrelid = r.relation WHERE k.contype = 'f'
              AND k.confdeltype = 'c')
        SELECT DISTINCT {Sql.Qualified("n.nspname", "c.relname")},
            k.conname::text,
               (SELECT {Sql.Qualified("pn.nspname", "p.relname")}
                   FROM pg_class p JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE p.oid = k.confrelid),
               k.confdeltype::text,
               size.rows, size.bytes
        FROM reached r JOIN pg_constraint k ON k.confrelid = r.relation JOIN pg_class c ON c.oid = k.conrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT coalesce(sum(greatest(leaf.reltuples, 0))::float8, 0),
            coalesce(sum(pg_relation_size(leaf.oid))::float8, 0)
                            FROM pg_class leaf WHERE leaf.relkind = 'r'
                                AND (leaf.oid = c.oid OR leaf.oid IN (SELECT relid FROM pg_partition_tree(c.oid))))
                                AS size (rows, bytes)
        WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confdeltype IN ('c', 'n', 'd') ORDER BY 1, 2
        """;
}

/// <param name="Relation">The table whose rows are deleted or changed.</param>
/// <param name="Parent">The table that the key refers to.</param>
/// <param name="Deletes">False: the columns of the key become NULL or get their default.</param>
internal sealed record Cascade(string Relation, string Key, string Parent, bool Deletes, double Rows, double Bytes)
{
    public string Words =>
        Deletes
            ? $"{Relation}: rows that refer to a deleted row of {Parent} are deleted as well ({Key}, ON DELETE CASCADE)"
            : $"{Relation}: in rows that refer to a deleted row of {Parent} the reference is set to NULL "
                + $"or its default ({Key}, ON DELETE SET NULL or SET DEFAULT)";

    /// <summary>If every row that it could refer to is deleted.</summary>
    public RowsWritten OfAll =>
        new(
            Relation,
            Deletes ? "deletes" : "updates",
            Estimates.Write((long)Rows, Rows > 0 ? Bytes / Rows : 100, isDelete: Deletes)
        );
}

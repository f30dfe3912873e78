using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>
/// Objects that use a column and would fail without it, or would be dropped with it although they serve others too. It
/// prints no definitions: that would wait for locks.
/// </summary>
internal static class ColumnUses
{
    /// <param name="own">A regular expression of the server: names of the change's own triggers.</param>
    public static Task<IReadOnlyList<(string Kind, string What)>> OfAsync(
        NpgsqlConnection connection,
        Table table,
        string column,
        string own,
        CancellationToken cancel
    ) =>
        connection.AsideAsync(
            async () =>
            {
                await Printing.BeginAsync(connection, cancel);
                return await connection.QueryAsync(
                    $"{Query(table.Sql, column, own)} ORDER BY kind, what",
                    row => (row.GetString(0), row.GetString(1)),
                    cancel
                );
            },
            cancel
        );

    /// <summary>A condition: some exist now.</summary>
    public static string Exist(Table table, string column, string own) => $"EXISTS ({Query(table.Sql, column, own)})";

    private static string Query(string table, string column, string own) =>
        $"""
            WITH root AS (SELECT to_regclass({Sql.Literal(table)})::oid AS oid),
            dropped AS (
              SELECT a.attrelid AS relid, a.attnum AS num, a.attrelid = root.oid AS is_root FROM root
                  JOIN pg_catalog.pg_attribute a ON a.attname = {Sql.Literal(column)} AND NOT a.attisdropped
                  AND a.attrelid IN (SELECT root.oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(root.oid)))
            SELECT DISTINCT kind, what FROM (
              SELECT kind, title AS what FROM ({DependentQuery.Of(table, [column])}) AS known
                  WHERE kind <> 'check' AND (kind <> 'sync' OR name !~ {Sql.Literal(own)})
              UNION ALL
              {Constraints}
              UNION ALL
              {Indexes}
              UNION ALL
              {Others}) AS uses
            """;

    /// <summary>Those of several columns; keys that rows are found by; a partition's own foreign keys.</summary>
    private const string Constraints = """
        SELECT CASE WHEN k.contype = 'p' THEN 'primary' WHEN c.num = ANY (k.confkey) AND k.confrelid = c.relid
            THEN 'reference' ELSE 'constraint' END,
            pg_catalog.pg_describe_object('pg_catalog.pg_constraint'::regclass, k.oid, 0)
          FROM dropped c JOIN pg_catalog.pg_constraint k ON k.conparentid = 0 AND k.coninhcount = 0
              AND ((k.conrelid = c.relid AND c.num = ANY (k.conkey)
                  AND (k.contype = 'p' OR (k.contype IN ('u', 'x', 'c', 'f')
                      AND (cardinality(k.conkey) > 1 OR (k.contype = 'f' AND NOT c.is_root)))))
                OR (k.contype = 'f' AND k.confrelid = c.relid AND c.num = ANY (k.confkey)))
        """;

    /// <summary>Of other columns too: dropping the column would drop them.</summary>
    private const string Indexes = """
        SELECT CASE WHEN i.indisreplident THEN 'identity' ELSE 'index' END,
            pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, i.indexrelid, 0)
          FROM dropped c JOIN pg_catalog.pg_index i ON i.indrelid = c.relid
              JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid AND NOT x.relispartition
              CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE d.refobjsubid = c.num) > 0 AS names,
                  count(*) FILTER (WHERE d.refobjsubid <> c.num) > 0 AS names_others FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.relid
                  AND d.refobjsubid > 0) AS uses
          WHERE (c.num = ANY (i.indkey::int2[]) OR uses.names)
            AND (i.indisreplident
                OR EXISTS (SELECT FROM unnest(i.indkey::int2[]) AS key(num) WHERE key.num NOT IN (0, c.num))
                OR (0 = ANY (i.indkey::int2[]) AND uses.names_others))
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid
                AND k.contype IN ('p', 'u', 'x') AND (k.contype = 'p' OR cardinality(k.conkey) > 1))
        """;

    /// <summary>
    /// A partition key's columns depend on their table. A sequence that the column owns is dropped with it.
    /// </summary>
    private const string Others = """
        SELECT 'partition', 'the partition key of '
              || pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, c.relid, 0)
          FROM dropped c JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = c.relid
          WHERE EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
              AND d.objid = c.relid AND d.objsubid = c.num AND d.refclassid = 'pg_catalog.pg_class'::regclass
              AND d.refobjid = c.relid AND d.refobjsubid = 0 AND d.deptype = 'i')
        UNION ALL
        SELECT 'sequence', pg_catalog.pg_describe_object(u.classid, u.objid, u.objsubid)
          FROM dropped c JOIN pg_catalog.pg_depend s ON s.classid = 'pg_catalog.pg_class'::regclass
              AND s.refclassid = 'pg_catalog.pg_class'::regclass AND s.refobjid = c.relid AND s.refobjsubid = c.num
              AND s.deptype IN ('a', 'i')
              JOIN pg_catalog.pg_class q ON q.oid = s.objid AND q.relkind = 'S'
              JOIN pg_catalog.pg_depend u ON u.refclassid = 'pg_catalog.pg_class'::regclass AND u.refobjid = q.oid
              AND u.deptype = 'n'
          WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef f JOIN dropped o ON o.relid = f.adrelid
              AND o.num = f.adnum WHERE u.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = u.objid)
        """;
}

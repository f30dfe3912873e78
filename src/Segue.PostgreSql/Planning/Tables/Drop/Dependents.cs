using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>
/// Objects that depend on a table and are not part of it: those that DROP TABLE without CASCADE would name.
/// </summary>
internal static class Dependents
{
    /// <param name="gone">Tables whose foreign keys do not count.</param>
    public static Task<IReadOnlyList<string>> OfAsync(
        NpgsqlConnection connection,
        Table table,
        IReadOnlyList<Table> gone,
        CancellationToken cancel
    ) => connection.QueryAsync($"{Query(table.Sql, gone)} ORDER BY 1 LIMIT 10", row => row.GetString(0), cancel);

    /// <summary>A condition: some exist now.</summary>
    public static string Exist(Table table, IReadOnlyList<Table> gone) => $"EXISTS ({Query(table.Sql, gone)})";

    /// <summary>
    /// Of the table and its partitions, their row types, indexes, constraints and sequences: every object that depends
    /// on one of them and is not one of them.
    /// </summary>
    private static string Query(string relation, IReadOnlyList<Table> gone) =>
        $"""
            WITH tables AS (SELECT to_regclass({Sql.Literal(relation)})::oid AS oid UNION SELECT relid
                FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(relation)}))),
            own AS (
              SELECT 'pg_catalog.pg_class'::regclass::oid AS class, oid FROM tables
              UNION SELECT 'pg_catalog.pg_class'::regclass, indexrelid FROM pg_catalog.pg_index
                  WHERE indrelid IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_class'::regclass, s.oid FROM pg_catalog.pg_depend d
                  JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
                        AND d.refobjid IN (SELECT oid FROM tables) AND d.deptype IN ('a', 'i')
              UNION SELECT 'pg_catalog.pg_type'::regclass, t.oid FROM pg_catalog.pg_type t
                  WHERE t.typrelid IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_type'::regclass, t.typarray FROM pg_catalog.pg_type t
                  WHERE t.typrelid IN (SELECT oid FROM tables) AND t.typarray <> 0
              UNION SELECT 'pg_catalog.pg_constraint'::regclass, oid FROM pg_catalog.pg_constraint
                  WHERE conrelid IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_attrdef'::regclass, oid FROM pg_catalog.pg_attrdef
                  WHERE adrelid IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_trigger'::regclass, oid FROM pg_catalog.pg_trigger
                  WHERE tgrelid IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_rewrite'::regclass, oid FROM pg_catalog.pg_rewrite
                  WHERE ev_class IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_policy'::regclass, oid FROM pg_catalog.pg_policy
                  WHERE polrelid IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_publication_rel'::regclass, oid FROM pg_catalog.pg_publication_rel
                  WHERE prrelid IN (SELECT oid FROM tables)
              UNION SELECT 'pg_catalog.pg_statistic_ext'::regclass, oid FROM pg_catalog.pg_statistic_ext
                  WHERE stxrelid IN (SELECT oid FROM tables))
            SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class,
                0) FROM pg_catalog.pg_rewrite r WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass
                AND r.oid = d.objid),
                                     pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS dependent
            FROM pg_catalog.pg_depend d JOIN own ON own.class = d.refclassid AND own.oid = d.refobjid
            WHERE d.deptype = 'n' AND NOT EXISTS (SELECT FROM own o WHERE o.class = d.classid
                AND o.oid = d.objid){NotOf(gone)}
            """;

    /// <summary>A partition's key counts where it is not the root's.</summary>
    private static string NotOf(IReadOnlyList<Table> gone) =>
        gone.Count == 0
            ? ""
            : $"""

                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                      WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid AND k.contype = 'f'
                        AND (k.conrelid IN ({Oids(gone.Select(table => table.Sql))}) OR (k.conparentid <> 0
                            AND k.conrelid IN ({Oids(gone.SelectMany(table => table.AllRelations()))}))))
                """;

    private static string Oids(IEnumerable<string> relations) =>
        string.Join(", ", relations.Select(relation => $"to_regclass({Sql.Literal(relation)})"));

    /// <param name="gone">Tables whose foreign keys the change drops.</param>
    public static Obstacle Obstacle(Table table, IReadOnlyList<Table> gone) =>
        new(
            Conditions.Query(Exist(table, gone)),
            "after the change was planned, an object was created that depends on "
                + $"{table.Schema}.{table.Name}: a view, a foreign key, a function. Drop or change that "
                + "(`\\d+` in psql shows it)"
        );
}

using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Boolean SQL over the catalog, for a step's "is it applied?" query. Relations come quoted and qualified.
/// </summary>
internal static class Conditions
{
    public static string Query(string condition) => $"SELECT {condition}";

    public static string All(IEnumerable<string> conditions) => string.Join("\n   AND ", conditions);

    public static string Either(string a, string b) => $"(({a}) OR ({b}))";

    /// <summary>Null for none.</summary>
    public static Obstacle? Any(IReadOnlyList<Obstacle> obstacles) =>
        obstacles.Count == 0 ? null
        : obstacles.Count == 1 ? obstacles[0]
        : new(
            Query(string.Join(" OR ", obstacles.Select(each => $"({each.Exists})"))),
            string.Join("; or ", obstacles.Select(each => each.What))
        )
        {
            Each = obstacles,
        };

    public static string Not(string condition) => $"NOT {condition}";

    public static string ColumnExists(string table, string column) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE {OfTable("attrelid", table)} AND attname = "
        + $"{Sql.Literal(column)} AND NOT attisdropped)";

    public static string ColumnExists(string table, string column, string type) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE {OfTable("attrelid", table)} AND attname = "
        + $"{Sql.Literal(column)} AND NOT attisdropped AND {Printing.InPlan("format_type(atttypid, atttypmod)")} = "
        + $"{Sql.Literal(type)})";

    public static string IsNotNull(string table, string column) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE {OfTable("attrelid", table)} AND attname = "
        + $"{Sql.Literal(column)} AND NOT attisdropped AND attnotnull)";

    public static string HasNoDefault(string table, string column) =>
        $"NOT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE {OfTable("attrelid", table)} AND attname = "
        + $"{Sql.Literal(column)} AND NOT attisdropped AND atthasdef)";

    /// <summary>A condition on <c>pg_attribute a</c> with its default <c>pg_attrdef d</c>.</summary>
    public static string ColumnIs(string table, string column, string condition) =>
        "EXISTS (SELECT FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = "
        + $"a.attrelid AND d.adnum = a.attnum WHERE {OfTable("a.attrelid", table)} AND a.attname = "
        + $"{Sql.Literal(column)} AND NOT a.attisdropped AND {condition})";

    public static string IsIdentity(string table, string column) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE {OfTable("attrelid", table)} AND attname = "
        + $"{Sql.Literal(column)} AND NOT attisdropped AND attidentity <> '')";

    public static string TriggerExists(string table, string name) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE {OfTable("tgrelid", table)} AND tgname = "
        + $"{Sql.Literal(name)})";

    /// <summary>
    /// It exists and is enabled as it was created, for sessions that replay as well: it was neither disabled nor
    /// enabled for ordinary sessions only, not even on one partition.
    /// </summary>
    public static string TriggerFires(string table, string name) =>
        $"""
            EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE {OfTable("tgrelid", table)}
                AND tgname = {Sql.Literal(name)} AND tgenabled = 'A' AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_partition_tree({OfName(table)}) tree
                  JOIN pg_catalog.pg_trigger part ON part.tgrelid = tree.relid WHERE part.tgname = {Sql.Literal(name)}
                  AND part.tgenabled <> 'A'))
            """;

    public static string FunctionExists(string name) =>
        "EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = "
        + $"p.pronamespace WHERE n.nspname = 'segue' AND p.proname = {Sql.Literal(name)})";

    /// <summary>Triggers that call functions of schema <c>segue</c>, on any table.</summary>
    public static string HasTriggers(IEnumerable<string> functions) =>
        "EXISTS (SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN "
        + "pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'segue' AND p.proname IN "
        + $"({string.Join(", ", functions.Select(Sql.Literal))}))";

    /// <summary>A composite value whose fields are NULL is not NULL itself, which `IS NULL` would say.</summary>
    public static string IsNullValue(string value, bool isComposite) =>
        isComposite ? $"{value} IS NOT DISTINCT FROM NULL" : $"{value} IS NULL";

    public static string IsNoNullValue(string value, bool isComposite) =>
        isComposite ? $"{value} IS DISTINCT FROM NULL" : $"{value} IS NOT NULL";

    /// <summary>
    /// Compared as images: some types (json, point) have no equality. By function, not by <c>*&lt;&gt;</c>: between two
    /// ROW()s the parser applies the operator field by field, and a cast that prevents it is lost when the server
    /// prints a trigger, so that a dump could not be restored.
    /// </summary>
    public static string AreDifferent(string values, string others) => $"record_image_ne(ROW({values}), ROW({others}))";

    public static string AreSame(string values, string others) => $"record_image_eq(ROW({values}), ROW({others}))";

    /// <summary>A partition at any depth; false once it is detached or dropped.</summary>
    public static string IsPartitionOf(string root, string partition) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(root)})) WHERE relid = "
        + $"to_regclass({Sql.Literal(partition)}))";

    /// <summary>
    /// The step, if its partition still is one: a partition that was dropped or detached needs nothing more.
    /// </summary>
    public static Step UnlessGone(Table table, Partition partition, Step step) =>
        step with
        {
            Applied = Query($"{Not(IsPartitionOf(table.Sql, partition.Sql))} OR ({step.Applied})"),
        };

    /// <summary>So small that nobody has to wait for a scan under a lock.</summary>
    private const int SmallLeafBytes = 1 << 20;

    /// <summary>
    /// A leaf that is not small, possibly attached after the plan was made, has no constraint of that kind on those
    /// columns.
    /// </summary>
    /// <param name="condition">On <c>pg_constraint k</c>.</param>
    public static string SomeLeafLacks(string root, string condition, IReadOnlyList<string> columns) =>
        $"""
            EXISTS (SELECT FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(root)})) tree WHERE tree.isleaf
                AND tree.level > 0
                AND pg_catalog.pg_relation_size(tree.relid) > {SmallLeafBytes} AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = tree.relid AND {condition}
                AND ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(num, i)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num
                    ORDER BY u.i) = ARRAY[{string.Join(", ", columns.Select(Sql.Literal))}]::text[]))
            """;

    public static string RelationExists(string relation) => $"(to_regclass({Sql.Literal(relation)}) IS NOT NULL)";

    public static string IsInvalidIndex(string index) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid = to_regclass({Sql.Literal(index)}) AND "
        + "NOT indisvalid)";

    public static string IsAttached(string parentIndex, string index) =>
        "EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = "
        + $"to_regclass({Sql.Literal(parentIndex)}) AND inhrelid = to_regclass({Sql.Literal(index)}))";

    private static string OfTable(string column, string table) => $"{column} = {OfName(table)}";

    private static string OfName(string table) => $"to_regclass({Sql.Literal(table)})";
}

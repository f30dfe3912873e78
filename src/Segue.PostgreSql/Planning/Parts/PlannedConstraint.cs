using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// A planned constraint, with the conditions that show whether it exists. The name alone proves nothing: after the
/// change was planned, somebody may have given it to another constraint.
/// </summary>
internal sealed class PlannedConstraint
{
    private readonly string _table;
    private readonly string _kind;
    private readonly string _named;
    private readonly string _condition;

    /// <param name="kind"><c>pg_constraint.contype</c>; null for any.</param>
    /// <param name="shape">What identifies it besides the name: a condition on <c>pg_constraint k</c>.</param>
    private PlannedConstraint(string table, string name, char? kind, string shape)
    {
        Name = name;
        _table = table;
        _kind = kind is null ? "true" : $"k.contype = '{kind}'";
        _named =
            $"k.conrelid = to_regclass({PostgreSql.Connections.Sql.Literal(table)}) AND k.conname = "
            + $"{PostgreSql.Connections.Sql.Literal(name)}";
        _condition = $"{_named} AND {_kind} AND {shape}";
    }

    public string Name { get; }

    public string Sql => PostgreSql.Connections.Sql.Name(Name);

    public string Exists => $"EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {_condition})";

    public string IsValid => $"EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {_condition} AND k.convalidated)";

    /// <summary>A constraint of its name and kind exists that is not proven.</summary>
    public string IsUnproven =>
        $"EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {_named} AND {_kind} AND NOT k.convalidated)";

    /// <summary>Another constraint of the table has the name.</summary>
    public string NameIsTaken => $"(EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {_named}) AND NOT {Exists})";

    /// <summary>It was created but is not found as it was: it was altered, or its table was renamed.</summary>
    /// <param name="schema">The table's.</param>
    public string IsAltered(string schema) =>
        $"({NameIsTaken} OR ({Conditions.Not(Conditions.RelationExists(_table))} AND EXISTS (SELECT FROM "
        + "pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE "
        + $"n.nspname = {PostgreSql.Connections.Sql.Literal(schema)} AND k.conname = "
        + $"{PostgreSql.Connections.Sql.Literal(Name)} AND {_kind})))";

    public static PlannedConstraint Check(string table, string name, PlannedCheck check) =>
        new(
            table,
            name,
            'c',
            $"{Printing.InPlan(PlannedCheck.Definition("k"))} = {PostgreSql.Connections.Sql.Literal(check.Text)}"
        );

    /// <summary>Under a name of Segue's own.</summary>
    public static PlannedConstraint CheckOf(string table, string name, string column) =>
        new(table, name, 'c', Over("conkey", "conrelid", column));

    public static PlannedConstraint NotNull(string table, string name, string column) =>
        new(table, name, 'n', Over("conkey", "conrelid", column));

    public static PlannedConstraint Unique(string table, string name, IReadOnlyList<string> columns) =>
        new(table, name, 'u', Over("conkey", "conrelid", columns));

    public static PlannedConstraint PrimaryKey(string table, string name, IReadOnlyList<string> columns) =>
        new(table, name, 'p', Over("conkey", "conrelid", columns));

    public static PlannedConstraint ForeignKey(string table, PlannedForeignKey key) =>
        new(
            table,
            key.Name,
            'f',
            $"{Over("conkey", "conrelid", key.Columns)} AND k.confrelid = "
                + $"to_regclass({PostgreSql.Connections.Sql.Literal(key.Parent.Sql)}) AND "
                + $"{Over("confkey", "confrelid", key.ParentColumns)}"
                + $" AND k.confdeltype = '{Code(key.Reference.OnDelete)}' AND k.confupdtype = "
                + $"'{Code(key.Reference.OnUpdate)}' AND k.confmatchtype = "
                + $"'{(key.Reference.Match == ForeignKeyMatch.Full ? 'f' : 's')}'"
                + $" AND k.condeferrable = {Boolean(key.Reference.Deferrable)} AND k.condeferred = "
                + $"{Boolean(key.Reference.InitiallyDeferred)}"
        );

    /// <summary>Any constraint of that name: the fingerprint shows whether it is still the planned one.</summary>
    public static PlannedConstraint Named(string table, string name) => new(table, name, null, "true");

    /// <summary>A constraint that existed before the change.</summary>
    public static PlannedConstraint Existing(string table, ExistingConstraint constraint) =>
        Defined(table, constraint.Name, constraint.Kind, constraint.Definition);

    /// <summary>The same, proven or not yet.</summary>
    public static PlannedConstraint ProvenOrNot(string table, ExistingConstraint constraint) =>
        new(
            table,
            constraint.Name,
            constraint.Kind,
            $"replace({Printing.InPlan("pg_get_constraintdef(k.oid)")}, ' NOT VALID', '') = "
                + $"{PostgreSql.Connections.Sql.Literal(constraint.Definition.Replace(" NOT VALID", ""))}"
        );

    /// <param name="definition">As the server prints it.</param>
    public static PlannedConstraint Defined(string table, string name, char kind, string definition) =>
        new(
            table,
            name,
            kind,
            $"{Printing.InPlan("pg_get_constraintdef(k.oid)")} = {PostgreSql.Connections.Sql.Literal(definition)}"
        );

    private static string Boolean(bool value) => value ? "true" : "false";

    private static string Over(string key, string relation, string column) => Over(key, relation, [column]);

    private static string Over(string key, string relation, IReadOnlyList<string> columns) =>
        $"k.{key} = ARRAY(SELECT a.attnum FROM "
        + $"unnest(ARRAY[{string.Join(", ", columns.Select(PostgreSql.Connections.Sql.Literal))}]) WITH "
        + "ORDINALITY AS named(name, position) "
        + $"JOIN pg_catalog.pg_attribute a ON a.attrelid = k.{relation} AND a.attname = named.name AND NOT "
        + "a.attisdropped ORDER BY named.position)";

    private static char Code(ReferentialAction action) =>
        action switch
        {
            ReferentialAction.Restrict => 'r',
            ReferentialAction.Cascade => 'c',
            ReferentialAction.SetNull => 'n',
            ReferentialAction.SetDefault => 'd',
            _ => 'a',
        };
}

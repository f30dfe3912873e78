using Segue.Changes;

namespace Segue.PostgreSql.Planning;

/// <summary>
/// A constraint as the plan makes it, and the conditions that tell whether it is there. Of the name alone nothing follows: somebody else may
/// have given it, since the change was planned, to a constraint that proves something else.
/// </summary>
internal sealed class PlannedConstraint
{
    private readonly string _named;
    private readonly string _condition;

    /// <param name="shape">What makes it ours beside the name: a condition on <c>pg_constraint k</c>.</param>
    private PlannedConstraint(string table, string name, string shape)
    {
        Name = name;
        _named = $"k.conrelid = to_regclass({PostgreSql.Sql.Literal(table)}) AND k.conname = {PostgreSql.Sql.Literal(name)}";
        _condition = $"{_named} AND {shape}";
    }

    public string Name { get; }

    public string Sql => PostgreSql.Sql.Name(Name);

    public string Exists => $"EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {_condition})";

    public string IsValid => $"EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {_condition} AND k.convalidated)";

    /// <summary>Another constraint of the table has the name.</summary>
    public string NameIsTaken => $"(EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {_named}) AND NOT {Exists})";

    public static PlannedConstraint Check(string table, string name, PlannedCheck check) =>
        new(table, name, $"k.contype = 'c' AND {PlannedCheck.Definition("k")} = {PostgreSql.Sql.Literal(check.Text)}");

    /// <summary>Under a name of Segue's own.</summary>
    public static PlannedConstraint CheckOf(string table, string name, string column) => new(table, name, $"k.contype = 'c' AND {Over("conkey", "conrelid", column)}");

    public static PlannedConstraint NotNull(string table, string name, string column) => new(table, name, $"k.contype = 'n' AND {Over("conkey", "conrelid", column)}");

    public static PlannedConstraint Unique(string table, string name, string column) => new(table, name, $"k.contype = 'u' AND {Over("conkey", "conrelid", column)}");

    public static PlannedConstraint ForeignKey(string table, string name, AddColumn column, EnforceTarget target) => new(
        table,
        name,
        $"k.contype = 'f' AND {Over("conkey", "conrelid", column.Name)} AND k.confrelid = to_regclass({PostgreSql.Sql.Literal(target.Parent!.Sql)}) AND {Over("confkey", "confrelid", target.ParentColumn!)}"
        + $" AND k.confdeltype = '{Code(column.References!.OnDelete)}' AND k.confupdtype = '{Code(column.References.OnUpdate)}'");

    private static string Over(string key, string relation, string column) =>
        $"k.{key} = ARRAY(SELECT a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.{relation} AND a.attname = {PostgreSql.Sql.Literal(column)} AND NOT a.attisdropped)";

    private static char Code(ReferentialAction action) => action switch
    {
        ReferentialAction.Restrict => 'r',
        ReferentialAction.Cascade => 'c',
        ReferentialAction.SetNull => 'n',
        ReferentialAction.SetDefault => 'd',
        _ => 'a',
    };
}

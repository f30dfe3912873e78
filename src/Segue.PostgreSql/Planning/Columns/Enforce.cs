using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Constraints and indexes of one new column. Objects that name the column are dropped with it and need no undo.
/// </summary>
internal sealed class Enforce(Table table, NewColumn column, EnforceTarget target)
{
    private readonly Steps _steps = new(table);

    private string Id => $"enforce/{column.Name}";

    private CheckRoad Checks => new(table, target.Server, Id);

    public IEnumerable<Step> NotNull() =>
        Checks.NotNull(column.Name, column.Names.NotNull, column.IsNotNull(column.Sql), isUndone: column.IsThere);

    public IEnumerable<Step> Check() =>
        Checks.Check(
            PlannedConstraint.Check(table.Sql, column.Names.Check, column.Check!),
            $"CHECK {Sql.Parenthesised(column.Change.Check!)}",
            isUndone: !column.Check!.NamesColumn
        );

    public IEnumerable<Step> ForeignKey() => new ForeignKeyRoad(table, target.Server, target.ForeignKey!, Id).Add();

    public IEnumerable<Step> Index() =>
        new IndexRoad(table, target.Names, $"{Id}/index", isUndone: false).Build(
            IndexOf(column.Names.Index, isUnique: false)
        );

    public IEnumerable<Step> Unique()
    {
        string name = column.Names.Unique;
        return new UniqueRoad(
            table,
            IndexOf(name, isUnique: true),
            PlannedConstraint.Unique(table.Sql, name, [column.Name]),
            "UNIQUE",
            $"{Id}/unique",
            isUndone: false
        ).Add();
    }

    private PlannedIndex IndexOf(string name, bool isUnique) =>
        new(table.Sql, table.Schema, name, column.Index!, isUnique);
}

/// <summary>What a column's constraints refer to.</summary>
internal sealed record EnforceTarget(ServerFacts Server, ObjectNames Names, PlannedForeignKey? ForeignKey);

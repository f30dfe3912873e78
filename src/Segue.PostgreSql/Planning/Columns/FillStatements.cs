using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Rows;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The statements that fill a table's columns by block ranges. Each assigns the expression itself, only to rows where
/// the column is NULL: so it never overwrites a value of an app, and the sync trigger's WHEN clause is false for these
/// writes.
/// </summary>
internal sealed class FillStatements(Table table, IReadOnlyList<NewColumn> columns)
{
    public RowStatements ByRanges =>
        new(
            table,
            new RowWork
            {
                Statement = (of, condition) => $"UPDATE {of}\nSET {Assignments()}\nWHERE {condition}",
                Needs = NeedsFill(),
                Once =
                    columns.All(column => !column.Fill!.IsVolatile) && columns.Any(column => column.Fill!.ReadsToast)
                        ? Once()
                        : null,
                IsLeft = IsLeft(),
                Fires = trigger => trigger.OnUpdate,
                // A row that a volatile expression leaves NULL looks unfilled to each pass.
                InOnePass = columns.Any(column => column is { Change.Nullable: true, Fill.IsVolatile: true }),
                // Numbers are assigned in the order of the rows.
                ByOne = columns.Any(column => column.Fill!.IsVolatile),
            }
        );

    /// <summary>All rows at once: for a table so small that this is short.</summary>
    public string FillAll() => $"UPDATE {table.Sql} AS {Alias}\nSET {Assignments()}\nWHERE {NeedsFill()}";

    public static string Assignment(string column, string expression, string? ifUnfilled) =>
        $"{column} = {Value(column, expression, ifUnfilled)}";

    private static string Value(string column, string expression, string? ifUnfilled)
    {
        string value = Sql.Parenthesised(expression);
        return ifUnfilled is null ? value : $"CASE WHEN {ifUnfilled} THEN {value} ELSE {column} END";
    }

    private ComputedOnce Once() =>
        new(Alias)
        {
            Values = [.. columns.Select(column => Value(column.Sql, column.Fill!.Expression, IfUnfilled(column)))],
            Needs = Any(columns.Select(column => column.IsNull(column.Sql))),
            Assignments = values =>
                string.Join(", ", columns.Zip(values, (column, value) => $"{column.Sql} = {value}")),
            Writes = values =>
                Any(
                    columns.Zip(
                        values,
                        (column, value) => $"({column.IsNull($"{Alias}.{column.Sql}")} AND {column.IsNotNull(value)})"
                    )
                ),
        };

    private string Alias => Sql.Name(table.Name);

    private string Assignments() =>
        string.Join(
            ", ",
            columns.Select(column => Assignment(column.Sql, column.Fill!.Expression, IfUnfilled(column)))
        );

    private string? IfUnfilled(NewColumn column) => columns.Count > 1 ? column.IsNull(column.Sql) : null;

    private string NeedsFill() => Any(columns.Select(NeedsFill));

    private string IsLeft() => Any(columns.Select(column => column.CanBeFilled));

    /// <summary>
    /// If the expression yields NULL there is nothing to write; a volatile one is evaluated only once.
    /// </summary>
    private static string NeedsFill(NewColumn column) =>
        column.Fill!.IsVolatile ? column.IsNull(column.Sql) : column.CanBeFilled;

    private static string Any(IEnumerable<string> conditions)
    {
        string[] all = [.. conditions];
        return all.Length == 1 ? all[0] : $"({string.Join(" OR ", all)})";
    }
}

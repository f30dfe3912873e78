using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The statements that fill a table's new columns by block ranges. Each assigns the expression itself, to rows where the column is NULL
/// only, so a value an app wrote is never written over, and the sync trigger's WHEN clause is false for what they write.
/// </summary>
internal sealed class FillStatements(Table table, IReadOnlyList<NewColumn> columns)
{
    private const string Range = "ctid >= $1 AND ctid < $2";

    /// <summary>For expressions that name the table: it goes by its own name in every statement.</summary>
    private string Alias => Sql.Name(table.Name);

    public BackfillTarget For(string relation, TableSize size, int fillFactor)
    {
        string update = $"UPDATE {relation} AS {Alias}\nSET {Assignments()}";
        return new BackfillTarget
        {
            Relation = relation,
            Passes = IsFilledInOnePass(relation) ? InPlace.OnePass : InPlace.Passes(size, fillFactor),
            Workers = IsFilledByOne ? 1 : 2,
            FillPart = $"{update}\nWHERE {Range}\n  AND {NeedsFill()}\n  AND {InPlace.Share} < $3",
            FillRest = $"{update}\nWHERE {Range}\n  AND {NeedsFill()}",
            FillUnlocked =
                $"""
                {update}
                WHERE ctid = ANY (ARRAY(
                  SELECT ctid FROM {relation} AS {Alias}
                  WHERE {Range}
                    AND {NeedsFill()}
                  FOR NO KEY UPDATE SKIP LOCKED))
                  AND {NeedsFill()}
                """,
            CountLeft = $"SELECT count(*) FROM {relation} AS {Alias}\nWHERE {Range}\n  AND {IsLeft()}",
        };
    }

    /// <summary>
    /// A root is there for partitions attached on the way, mostly none. And what a volatile expression leaves NULL looks unfilled to each pass.
    /// </summary>
    private bool IsFilledInOnePass(string relation) =>
        (table.IsPartitioned && relation == table.Sql) || columns.Any(column => column is { Change.Nullable: true, Fill.IsVolatile: true });

    /// <summary>Numbers are given in the order of the rows; and what triggers write may be what two sessions would wait for each other for.</summary>
    private bool IsFilledByOne => columns.Any(column => column.Fill!.IsVolatile) || table.Triggers.Any(trigger => trigger.IsRow && trigger.OnUpdate);

    /// <summary>All rows at once: for a table so small that this is short.</summary>
    public string FillAll() => $"UPDATE {table.Sql} AS {Alias}\nSET {Assignments()}\nWHERE {NeedsFill()}";

    /// <summary>Rows a fill should have filled and did not, as a condition on the row.</summary>
    public static string IsLeft(NewColumn column) => column.Change.Nullable ? CanBeFilled(column) : column.IsNull(column.Sql);

    public static string Assignment(string column, string expression, string? ifUnfilled)
    {
        string value = Sql.Parenthesised(expression);
        return ifUnfilled is null ? $"{column} = {value}" : $"{column} = CASE WHEN {ifUnfilled} THEN {value} ELSE {column} END";
    }

    private string Assignments() => string.Join(", ", columns.Select(column =>
        Assignment(column.Sql, column.Fill!.Expression, ifUnfilled: columns.Count > 1 ? column.IsNull(column.Sql) : null)));

    private string NeedsFill() => Any(columns.Select(NeedsFill));

    private string IsLeft() => Any(columns.Select(CanBeFilled));

    /// <summary>Where the expression yields NULL there is nothing to write; a volatile one is evaluated once only.</summary>
    private static string NeedsFill(NewColumn column) => column.Fill!.IsVolatile ? column.IsNull(column.Sql) : CanBeFilled(column);

    private static string CanBeFilled(NewColumn column) => $"({column.IsNull(column.Sql)} AND {column.IsNotNull(Sql.Parenthesised(column.Fill!.Expression))})";

    private static string Any(IEnumerable<string> conditions)
    {
        string[] all = [.. conditions];
        return all.Length == 1 ? all[0] : $"({string.Join(" OR ", all)})";
    }
}

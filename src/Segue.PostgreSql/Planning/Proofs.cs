using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning;

/// <summary>The questions a verify step puts to every row before anything is enforced.</summary>
internal sealed class Proofs(Table table)
{
    private string Alias => Sql.Name(table.Name);

    /// <summary>Completeness for an initial value (the app may have changed it since), equality for a derived one.</summary>
    public VerifyCheck Filled(NewColumn column) => column.IsDerived
        ? Check(
            $"{column.Name} equals its derivation",
            Conditions.AreDifferent(column.Sql, $"{Sql.Parenthesised(column.Change.Derive!)}::{column.Type}"),
            "An app, or a trigger that runs later, gave these rows another value. Correct them, then `segue apply` again; or roll back.")
        : Check(
            $"{column.Name} is filled",
            FillStatements.IsLeft(column),
            column.Change.Nullable
                ? column.Fill!.IsVolatile
                    ? "The expression gave NULL first and gives a value now: it must not give NULL by chance. Or something undid the fill. Look at the rows, then `segue apply` again."
                    : "Something undid the fill. Look at the rows, then `segue apply` again."
                : $"The backfill expression gives NULL for these rows{OrATrigger}. Correct that, then `segue apply` again; or roll back and give an expression that covers them.") with { CallsVolatile = Evaluates(column) && column.Fill!.IsVolatile };

    private string OrATrigger => table.Triggers.Where(trigger => trigger is { IsRow: true, IsBefore: true, OnUpdate: true }).Select(trigger => trigger.Name).ToArray() is { Length: > 0 } names
        ? $", or a trigger discards the update ({string.Join(", ", names)})"
        : "";

    /// <summary>Whether asking for the fill evaluates its expression, and so reads what that reads.</summary>
    public static bool Evaluates(NewColumn column) => column.IsDerived || column.Change.Nullable;

    public VerifyCheck Satisfies(NewColumn column) => Check(
        $"{column.Name} satisfies its CHECK",
        $"{Sql.Parenthesised(column.Change.Check!)} IS FALSE",
        "Adding the CHECK would reject these rows. Correct them, then `segue apply` again; or roll back.");

    public VerifyCheck HasParent(NewColumn column, Table parent, string parentColumn) => Check(
        $"{column.Name} has its parent row in {parent.Name}",
        $"{column.Sql} IS NOT NULL AND NOT EXISTS (SELECT FROM {parent.Sql} AS segue_parent WHERE segue_parent.{Sql.Name(parentColumn)} = {Alias}.{column.Sql})",
        $"The foreign key would reject these rows. Add what is missing to {parent.Name}, or correct the rows, then `segue apply` again.");

    public VerifyCheck HasNoDuplicates(NewColumn column) => new()
    {
        Claim = $"{column.Name} has no value twice",
        Relation = table.Sql,
        WholeTable = true,
        Query =
            $"""
            WITH counted AS MATERIALIZED (SELECT {column.Sql}::text AS value, count(*) AS n FROM {table.Sql} WHERE {column.Sql} IS NOT NULL GROUP BY {column.Sql})
            SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE n > 1), 0)::bigint,
                   ARRAY(SELECT {Sql.Literal(column.Name + "=")} || value || ' (' || n || ' rows)' FROM counted WHERE n > 1 LIMIT 10)
            FROM counted
            """,
        Remedy = "A unique index over these rows cannot be built. Correct them, then `segue apply` again; or roll back.",
    };

    private VerifyCheck Check(string claim, string mismatch, string remedy) => new()
    {
        Claim = claim,
        Relation = table.Sql,
        Query =
            $"""
            SELECT count(*)::bigint, count(*) FILTER (WHERE {mismatch})::bigint,
                   ARRAY(SELECT {Key()} FROM {table.Sql} AS {Alias} WHERE ctid >= $1 AND ctid < $2 AND ({mismatch}) LIMIT 10)
            FROM {table.Sql} AS {Alias} WHERE ctid >= $1 AND ctid < $2
            """,
        Remedy = remedy,
    };

    private string Key() => table.PrimaryKey.Count == 0
        ? "'ctid=' || ctid::text"
        : string.Join(" || ', ' || ", table.PrimaryKey.Select(key => $"{Sql.Literal(key + "=")} || {Alias}.{Sql.Name(key)}::text"));
}

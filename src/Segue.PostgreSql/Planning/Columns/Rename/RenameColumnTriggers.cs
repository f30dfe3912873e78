using Segue.Changes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Tables;

namespace Segue.PostgreSql.Planning.Columns.Rename;

/// <summary>Users' triggers that would see, or fire for, only one of a column's two names.</summary>
internal sealed class RenameColumnTriggers(Draft draft, Table table, ExistingColumn column, RenameColumn operation)
{
    private string Qualified => $"{table.Schema}.{table.Name}";

    public async Task<IReadOnlyList<Problem>> RefusalsAsync()
    {
        IReadOnlyList<Finding> findings = await draft.Connection.QueryAsync(
            Query,
            row => new Finding(
                row.GetString(0),
                row.GetString(1),
                row.GetBoolean(2),
                row.GetBoolean(3),
                row.GetBoolean(4),
                row.GetBoolean(5)
            ),
            draft.Cancel,
            (long)table.Oid,
            column.Name,
            $"{FunctionTexts.Word(column.Name)}|{FunctionTexts.Word(operation.To)}",
            WritesWholeRow
        );
        return
        [
            .. findings.SelectMany(finding =>
                When(Objection(finding), found => new Problem(operation.Title, found.What, found.Remedy))
            ),
        ];
    }

    private (string What, string Remedy)? Objection(Finding trigger) =>
        trigger switch
        {
            { IsOfColumn: true } => (
                $"the trigger {trigger.Name} of {Qualified} fires on UPDATE OF {column.Name}: a statement of new code, "
                    + $"which sets {operation.To}, would not fire it.",
                $"Recreate it without the column list, with `WHEN (OLD.{Sql.Name(column.Name)} IS DISTINCT FROM "
                    + $"NEW.{Sql.Name(column.Name)})` if it is an AFTER trigger for each row."
            ),
            { WhenReads: true } => (
                $"the WHEN clause of the BEFORE trigger {trigger.Name} of {Qualified} reads {column.Name}. Where new "
                    + $"code writes {operation.To}, it would be evaluated before the value is in {column.Name}.",
                "Make it an AFTER trigger, or drop it until the change is completed."
            ),
            { Names: true } => (
                $"the function {trigger.Function} of the BEFORE trigger {trigger.Name} of {Qualified}, or an argument "
                    + $"of the trigger, names {column.Name} or {operation.To}: it runs before the values of both "
                    + "columns are equal, so for one of the two versions of the app it would read or change the wrong "
                    + "one.",
                $"Move what it does into an AFTER trigger, a default or the app; or {RenameColumnRefusals.InAWindow}"
            ),
            { WritesRow: true } => (
                $"the function {trigger.Function} of the BEFORE trigger {trigger.Name} of {Qualified} writes the row "
                    + $"as a whole. If it changes the default of {operation.To}, the row looks as if new code had "
                    + $"given that value, and what old code gave {column.Name} would be lost.",
                "Let it set the columns that it means by their names (NEW.column := ...); or "
                    + RenameColumnRefusals.InAWindow
            ),
            _ => null,
        };

    private sealed record Finding(
        string Name,
        string Function,
        bool IsOfColumn,
        bool WhenReads,
        bool Names,
        bool WritesRow
    );

    /// <summary>A regular expression of the server; a comparison of NEW does not match.</summary>
    private const string WritesWholeRow =
        @"#=|populate_record|\minto\s+(strict\s+)?new\M(?!\.)|\mnew\s*:=" + @"|(;|\m(begin|then|else|loop))\s*new\s*=";

    private static readonly string Query = $"""
        SELECT DISTINCT g.tgname::text, p.oid::regprocedure::text, a.attnum = ANY (g.tgattr::int2[]),
            (g.tgtype & 3) = 3 AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_trigger'::regclass
                AND d.objid = g.oid AND d.refobjid = g.tgrelid AND d.refobjsubid = a.attnum),
            (g.tgtype & 3) = 3 AND (p.prosrc ~* $3 OR {FunctionTexts.Arguments("g")} ~* $3),
            (g.tgtype & 3) = 3 AND (g.tgtype & 20) <> 0 AND p.prosrc ~* $4
        FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
            JOIN pg_attribute a ON a.attrelid = g.tgrelid AND a.attname = $2 AND NOT a.attisdropped
        WHERE NOT g.tgisinternal AND g.tgname !~ '{ObjectNames.OwnTriggers}'
            AND g.tgrelid IN {Sql.Tree("$1::oid")} ORDER BY 1
        """;
}

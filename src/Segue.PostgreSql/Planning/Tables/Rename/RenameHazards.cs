using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Stars;

namespace Segue.PostgreSql.Planning.Tables.Rename;

/// <summary>What old code cannot do through a view, and code that uses the table's old name.</summary>
internal sealed class RenameHazards(Draft draft, Table table, string newName)
{
    public async Task<IReadOnlyList<Hazard>> FindAsync() =>
        [
            Hazard.Notice("view-limits", Limits + await FoundAsync(NotThroughAView)),
            .. table.PrimaryKey.Count == 0
                ? Array.Empty<Hazard>()
                :
                [
                    Hazard.Danger(
                        "group-by-key",
                        GroupByKey + await FoundAsync(GroupBy) + await GroupingFunctionsAsync()
                    ),
                ],
            .. Functions(
                "name-in-functions",
                await FunctionTexts.NamingAsync(draft.Connection, table, draft.Cancel),
                functions =>
                    $"The text of these functions names {table.Name}: {functions}. Until the change is "
                    + "completed they work through the view, within the limits of this view. After that "
                    + $"they fail: change them to use {newName} before."
            ),
            .. Functions(
                "name-in-triggers",
                await FunctionTexts.OfTriggersAsync(draft.Connection, table, FunctionTexts.ReadsName, draft.Cancel),
                functions =>
                    $"These functions of triggers of {table.Name} read the table's name (TG_TABLE_NAME, "
                    + $"TG_RELNAME, TG_RELID): {functions}. From the rename on (not only from its "
                    + $"completion on) they get {newName} for every writer. Make them accept both names "
                    + "before."
            ),
            .. Functions(
                "row-type",
                await WithRowTypeAsync(),
                functions =>
                    $"These functions take or return a row of {table.Name}, whose type is called "
                    + $"{newName} from the rename on: {functions}. A row of the view has another type, so "
                    + $"`{table.Name}.{"{function}"}` and `function({table.Name})` in old code fail from "
                    + "then on."
            ),
            .. table.Publications.Count == 0
                ? Array.Empty<Hazard>()
                :
                [
                    new(
                        "published",
                        $"{table.Name} is published ({string.Join(", ", table.Publications)}), and "
                            + $"subscribers find it by name: without a table {newName} they stop replicating "
                            + "at the rename. Rename the table there at the same time, while the "
                            + "subscription is disabled."
                    ),
                ],
        ];

    private const string NotThroughAView =
        @"^\s*(copy|truncate|merge)\M|\mon\s+conflict\s+on\s+constraint\M|\m(ctid|xmin|tableoid|tablesample|only)\M"
        + @"|\mcurrent\s+of\M";

    private const string GroupBy = @"\mgroup\s+by\M";

    private string Limits =>
        $"Until the change is completed {table.Name} is a view of {newName}: SELECT, FOR UPDATE, INSERT "
        + "(defaults, RETURNING, ON CONFLICT with columns), UPDATE and DELETE of old code work as "
        + "before. These do not work through a view: COPY, TRUNCATE, "
        + $"{(draft.Server.Major < 17 ? "MERGE INTO, " : "")}ON CONFLICT ON CONSTRAINT, ctid, xmin and "
        + "tableoid, TABLESAMPLE, WHERE CURRENT OF, ONLY, an identity column set to DEFAULT, prepared "
        + $"statements that return a whole row as one value, pg_get_serial_sequence('{table.Name}', ...), "
        + $"and DDL that names {table.Name} (ALTER, CREATE INDEX or TRIGGER, REFERENCES, LIKE). Tools "
        + "that read information_schema or the catalog find a view.";

    private string GroupByKey =>
        "Until the change is completed a SELECT of old code with GROUP BY "
        + $"{string.Join(", ", table.PrimaryKey)} that also returns, or orders by, other columns of "
        + $"{table.Name} fails (\"must appear in the GROUP BY clause or be used in an aggregate "
        + "function\"): the server infers the other columns from the primary key of a table, but not of "
        + "a view. Before the change is applied, change such statements to name all these columns in "
        + $"GROUP BY, or to use {newName}.";

    private async Task<string> GroupingFunctionsAsync() =>
        await FunctionTexts.NamingAsync(draft.Connection, table, draft.Cancel, GroupBy) is { Count: > 0 } functions
            ? $" These functions have GROUP BY and {table.Name} in their text: {string.Join(", ", functions)}."
            : "";

    /// <param name="form">A regular expression of the server.</param>
    private async Task<string> FoundAsync(string form)
    {
        if (await StarStatements.ViewAsync(draft.Connection, draft.Cancel) is not { } view)
        {
            return " Segue cannot check whether old code does any of this: pg_stat_statements is not "
                + "installed here, or hidden from our role.";
        }

        IReadOnlyList<string> found = await draft.Connection.QueryAsync(
            $"""
            SELECT left(regexp_replace(query, '\s+', ' ', 'g'), 120) FROM {view}
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query ~* $1
                AND query ~* $2
            GROUP BY 1 ORDER BY sum(calls) DESC LIMIT 5
            """,
            row => row.GetString(0),
            draft.Cancel,
            FunctionTexts.Word(table),
            form
        );
        return found.Count == 0
            ? " pg_stat_statements contains no such statement."
            : $" Check these statements of pg_stat_statements: {string.Join(" | ", found)}.";
    }

    private static IEnumerable<Hazard> Functions(
        string code,
        IReadOnlyList<string> functions,
        Func<string, string> message
    ) => functions.Count == 0 ? [] : [new Hazard(code, message(string.Join(", ", functions)))];

    private Task<IReadOnlyList<string>> WithRowTypeAsync() =>
        draft.Connection.QueryAsync(
            """
            SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_type t ON t.typrelid = $1::oid
            WHERE t.oid = p.prorettype OR t.typarray = p.prorettype OR t.oid = ANY (p.proargtypes::oid[])
                OR t.typarray = ANY (p.proargtypes::oid[]) ORDER BY 1 LIMIT 20
            """,
            row => row.GetString(0),
            draft.Cancel,
            (long)table.Oid
        );
}

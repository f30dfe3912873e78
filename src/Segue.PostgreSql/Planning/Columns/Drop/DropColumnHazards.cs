using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Stars;
using Segue.PostgreSql.Planning.Tables;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>Signs that a column to be dropped is still used, and what setting it aside means.</summary>
internal sealed class DropColumnHazards(Draft draft, DroppedColumn column)
{
    private Table Table => column.Table;

    public async Task<IReadOnlyList<Hazard>> FindAsync()
    {
        IReadOnlyList<string> functions = await FunctionTexts.NamingAsync(
            draft.Connection,
            Table,
            draft.Cancel,
            FunctionTexts.Word(column.Name)
        );
        TableFacts facts = await TableFacts.OfAsync(draft.Connection, Table, draft.Cancel);
        return
        [
            Hazard.Danger(
                "column-use",
                $"{await StatementsAsync()} Make sure that no code uses {column.Title} any more."
            ),
            Kept(),
            new Hazard("star-statements", await StarsAsync()),
            .. When(
                column.LosesNotNull || column.Operation.Default is not null,
                Hazard.Danger(
                    "rollback-restores-not-null",
                    $"A rollback leaves {column.Name} as it was: NOT NULL, without a default. From then on rows of "
                        + "new code are rejected: deploy the old code at the same time."
                )
            ),
            .. When(
                column.Down is not null,
                Hazard.Notice(
                    "down-gives-null",
                    $"If `down` gives NULL or raises an error for a row, "
                        + (
                            column.Column.IsNotNull
                                ? $"the row is rejected: {column.Name} allows no NULL."
                                : $"{column.Name} is NULL in it. A NULL that old code writes on purpose gets the value "
                                    + "of `down` as well."
                        )
                )
            ),
            .. When(
                functions.Count > 0,
                new Hazard(
                    "name-in-functions",
                    $"The text of these functions names {Table.Name} and {column.Name}: "
                        + $"{string.Join(", ", functions)}. They fail once it is dropped."
                )
            ),
            .. When(
                facts.Subscriptions.Count > 0,
                Hazard.Danger(
                    "subscribed",
                    $"{Table.Name} is filled by {string.Join(", ", facts.Subscriptions)}. If its publisher still sends "
                        + $"{column.Name}, replication stops once it is dropped here: drop it there first."
                )
            ),
        ];
    }

    private Hazard Kept() =>
        column.IsKept
            ? Hazard.Notice(
                "kept-aside",
                $"Completing the change renames the column to {column.Kept} and keeps it for "
                    + $"{Plain.Duration(column.Operation.Keep)}. Meanwhile a rollback of "
                    + $"{draft.Change.Name} restores it with its values, and statements that name no columns "
                    + "(`SELECT *`, INSERT or COPY without a list) still see it. Afterwards a purge of "
                    + $"{draft.Change.Name} drops it permanently, with its indexes and constraints."
                    + Partitions
            )
            : Hazard.Danger(
                "dropped-at-once",
                "Completing the change drops the column with its values, indexes and constraints: nothing is kept, "
                    + "and no rollback restores it."
            );

    private string Partitions =>
        Table.IsPartitioned
            ? " Until it is purged, a table that is to be attached as a partition needs a column of that name too."
            : "";

    private async Task<string> StatementsAsync()
    {
        if (await StarStatements.ViewAsync(draft.Connection, draft.Cancel) is not { } view)
        {
            return $"Segue cannot see which statements name {column.Name}: pg_stat_statements is not installed here, "
                + "or hidden from our role.";
        }

        IReadOnlyList<string> found = await draft.Connection.QueryAsync(
            $"""
            SELECT left(regexp_replace(query, '\s+', ' ', 'g'), 120) FROM {view}
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query ~* $1
                AND query ~* $2 AND query !~* '^\s*(alter|create|drop|comment|explain)\M'
            GROUP BY 1 ORDER BY sum(calls) DESC LIMIT 5
            """,
            row => row.GetString(0),
            draft.Cancel,
            FunctionTexts.Word(Table.Name),
            FunctionTexts.Word(column.Name)
        );
        return found.Count == 0
            ? $"pg_stat_statements contains no statement that names {Table.Name} and {column.Name}."
            : $"These statements of pg_stat_statements name it: {string.Join(" | ", found)}.";
    }

    private async Task<string> StarsAsync()
    {
        StarStatements statements = await StarStatements.FindAsync(draft.Connection, draft.Server.Role, draft.Cancel);
        IReadOnlyList<string> found = statements.Of(Hazards.NamesOf(Table));
        return "A prepared SELECT * or RETURNING * fails once (cached plan must not change result type) when the "
            + "change is completed, rolled back or purged: name the columns, or let the app's pool reconnect."
            + (found.Count > 0 ? $" Found in pg_stat_statements: {string.Join(" | ", found)}." : "")
            + (statements.Unseen is { } unseen ? $" {unseen}" : "");
    }
}

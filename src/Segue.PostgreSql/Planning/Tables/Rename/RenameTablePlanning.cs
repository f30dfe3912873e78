using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Rename;

/// <summary>
/// The road of <c>rename_table</c>: in one transaction the table is renamed and a view gets its old name; after the
/// gate the view is dropped.
/// </summary>
internal sealed class RenameTablePlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(RenameTable operation)
    {
        if (
            await draft.OwnedAsync(operation.Table, operation.Title) is not { } table
            || !draft.Claim(ClaimKind.Table, $"{table.Schema}.{table.Name}", operation)
            || !draft.Claim(ClaimKind.View, $"{table.Schema}.{table.Name}", operation)
        )
        {
            return [];
        }

        draft.Plan.Moves(table.Sql, table.Partitions.Select(partition => partition.Sql), operation);
        TableFacts facts = await TableFacts.OfAsync(draft.Connection, table, draft.Cancel);
        await JudgeAsync(operation, table, facts);
        if (draft.HasProblems)
        {
            return [];
        }

        draft.Drift.Expect(facts.FingerprintLines);
        draft.Hazards.AddRange(await new RenameHazards(draft, table, operation.To).FindAsync());
        StandIn view = new(table, operation.To) { AsInvoker = draft.Server.Major >= 15 };
        return new RenameRoad(table, operation.To, view).Plan(await GrantsAndDefaultsAsync(table, facts));
    }

    private async Task JudgeAsync(RenameTable operation, Table table, TableFacts facts)
    {
        if (
            draft.Claim(ClaimKind.Name, $"{table.Schema}.{operation.To}", operation)
            && await TableFacts.IsTakenAsync(draft.Connection, new TableName(table.Schema, operation.To), draft.Cancel)
        )
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: to",
                    $"{table.Schema} already has an object named {operation.To}.",
                    "Choose another name."
                )
            );
        }

        draft.Refused.AddRange(
            Objections(table, facts)
                .Select(objection => new Problem(
                    operation.Title,
                    $"{table.Schema}.{table.Name} {objection.What}",
                    objection.Remedy
                ))
        );
        draft.Refused.AddRange(
            await new Rights(draft.Connection, table, draft.Server, draft.Cancel).ToStandInAsync(operation.Title)
        );
    }

    private IEnumerable<(string What, string Remedy)> Objections(Table table, TableFacts facts)
    {
        if (table.Inherits)
        {
            yield return (
                "takes part in inheritance: a view ignores ONLY, so a statement with ONLY would reach "
                    + "rows of other tables.",
                "Turn the tables into partitions first, or rename it in a maintenance window."
            );
        }

        if (facts.Extension is { } extension)
        {
            yield return (
                $"belongs to the extension {extension}, whose functions use it by its name.",
                "Keep the name, or remove the table from the extension: `ALTER EXTENSION "
                    + $"{Sql.Name(extension)} DROP TABLE {table.Sql}`."
            );
        }

        if (table.Columns.Count == 0)
        {
            yield return (
                "has no columns, so a view cannot replace it.",
                "`ALTER TABLE ... RENAME` it: there is nothing to read."
            );
        }

        if (facts.KeptColumns.Count > 0)
        {
            yield return (
                $"keeps dropped columns ({string.Join(", ", facts.KeptColumns)}), which could be neither restored nor "
                    + "purged under another table's name.",
                "Purge them first (a purge can be asked for before their time is over), or roll their drop back."
            );
        }

        if (facts.HasRowSecurity && draft.Server.Major < 15)
        {
            yield return (
                "has row security. Up to PostgreSQL 14 a view reads with its owner's privileges: old "
                    + "code would see and change rows that it may not.",
                "Upgrade to 15 or newer, or rename it in a maintenance window."
            );
        }

        if (facts.Subscriptions.Count > 0)
        {
            yield return (
                $"is filled by the subscription {string.Join(", ", facts.Subscriptions)}, which writes "
                    + "to a table with the publisher's name and not to a view.",
                "Rename it on both sides while the subscription is disabled."
            );
        }
    }

    /// <summary>Makes the new view like the table for its users.</summary>
    private async Task<IReadOnlyList<string>> GrantsAndDefaultsAsync(Table table, TableFacts facts) =>
        [
            // Also if it is ours: another role may continue the change.
            $"ALTER VIEW {table.Sql} OWNER TO {Sql.Name(table.Owner)}",
            // Only for `SET column = DEFAULT`: an INSERT that leaves the column out gets the table's default either
            // way.
            .. facts.Defaults.Select(each =>
                $"ALTER VIEW {table.Sql} ALTER COLUMN {Sql.Name(each.Column)} SET DEFAULT {each.Expression}"
            ),
            .. await new Grants(draft.Connection, table.Oid, draft.Cancel).CopyAsync(table.Sql),
            .. When(facts.Comment, comment => $"COMMENT ON VIEW {table.Sql} IS {Sql.Literal(comment)}"),
        ];
}

using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Tables;

namespace Segue.PostgreSql.Planning.Columns.Rename;

/// <summary>Columns that cannot have a mirror, and what else stands against a new name.</summary>
internal sealed class RenameColumnRefusals(Draft draft, Table table, ExistingColumn column, RenameColumn operation)
{
    public const string InAWindow = "`ALTER TABLE ... RENAME COLUMN` it in a maintenance window.";

    private string Qualified => $"{table.Schema}.{table.Name}";

    public async Task CheckAsync()
    {
        CheckNames();
        foreach ((string what, string remedy) in OfTable().Concat(OfColumn()))
        {
            Refuse(what, remedy);
        }

        if (await IsStrictDomainAsync())
        {
            Refuse(
                $"{column.Name} has the type {column.Type}, a domain with constraints or a default: adding a second "
                    + "column of it would rewrite the whole table while nobody can read it.",
                $"Change its type to the domain's base type first (`alter_column`); or {InAWindow}"
            );
        }

        if (ColumnRefusals.OfColumnCount(table, 1, operation.Title) is { } full)
        {
            draft.Refused.Add(full);
        }

        draft.Refused.AddRange(await new RenameColumnTriggers(draft, table, column, operation).RefusalsAsync());
        await RefuseUnfinishedAsync();
        RefuseReaders();
    }

    private void Refuse(string what, string remedy) => draft.Refused.Add(new Problem(operation.Title, what, remedy));

    private void CheckNames()
    {
        if (operation.To == column.Name)
        {
            draft.Invalid.Add(
                new Problem($"{operation.Title}: to", $"the column is called {column.Name} already.", "Leave it out.")
            );
        }
        else if (table.Columns.Contains(operation.To))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: to",
                    $"{Qualified} already has a column {operation.To}.",
                    "Choose another name, or drop that column first."
                )
            );
        }
    }

    private IEnumerable<(string What, string Remedy)> OfTable()
    {
        if (table.IsPartition)
        {
            yield return (
                $"{Qualified} is a partition; its columns belong to its root.",
                "Name the partitioned table."
            );
        }

        if (table.Inherits)
        {
            yield return (
                $"{Qualified} takes part in inheritance, where a column may come from several parents.",
                $"Turn the tables into partitions first; or {InAWindow}"
            );
        }

        if (table.InsertRules is [var rule, ..])
        {
            yield return (
                $"{Qualified} has the rule {rule} on INSERT, which sees what the statement gives, before the values of "
                    + "both columns are equal.",
                "Drop it, or make it a trigger."
            );
        }

        if (table.IsTyped)
        {
            yield return (
                $"{Qualified} is a typed table (OF type); its columns belong to the type.",
                $"`ALTER TABLE ... NOT OF` first; or {InAWindow}"
            );
        }
    }

    private IEnumerable<(string What, string Remedy)> OfColumn()
    {
        if (column.IsGenerated)
        {
            yield return (
                $"{column.Name} is a generated column: no trigger can see its new value to keep a second column "
                    + "equal to it.",
                "Add a generated column with the new name (`add_column`, not stored, from 18 on; or with `derive`), "
                    + "and drop the old one once no code uses it."
            );
        }

        if (column.Keys.Contains("the partition key"))
        {
            yield return (
                $"{column.Name} may be in the partition key of {Qualified}: the server does not let a trigger change "
                    + "a row's partition.",
                InAWindow
            );
        }
    }

    private Task<bool> IsStrictDomainAsync() =>
        draft.Connection.ScalarAsync<bool>(
            """
            WITH RECURSIVE base AS (
              SELECT t.* FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                  WHERE a.attrelid = $1::oid AND a.attname = $2
              UNION ALL SELECT t.* FROM base JOIN pg_type t ON t.oid = base.typbasetype)
            SELECT EXISTS (SELECT FROM base WHERE typtype = 'd' AND (typnotnull OR typdefault IS NOT NULL
                OR EXISTS (SELECT FROM pg_constraint k WHERE k.contypid = base.oid)))
            """,
            draft.Cancel,
            (long)table.Oid,
            column.Name
        );

    /// <summary>The function of such a trigger would not find the column any more.</summary>
    private async Task RefuseUnfinishedAsync()
    {
        IReadOnlyList<string> functions = await draft.Connection.QueryAsync(
            $"""
            SELECT DISTINCT p.proname::text FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
            WHERE g.tgrelid = $1::oid AND g.tgname ~ '{ObjectNames.OwnTriggers}' AND p.prosrc ~ $2
            """,
            row => row.GetString(0),
            draft.Cancel,
            (long)table.Oid,
            FunctionTexts.Word(column.Name)
        );
        if (functions.Count > 0)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"an unfinished change keeps another column of {Qualified} in sync with {column.Name}.",
                    "Complete that change first, or roll it back."
                )
                {
                    Next = [NextAction.Status(null)],
                }
            );
        }
    }

    private void RefuseReaders()
    {
        foreach (Operation other in draft.Change.Operations.Where(other => !ReferenceEquals(other, operation)))
        {
            bool isHere =
                other is TableOperation { Table: var on }
                && on.Name == table.Name
                && (on.Schema ?? table.Schema) == table.Schema;
            if (isHere && other.Reads.Any(read => read.Names(column.Name) || read.Names(operation.To)))
            {
                draft.Invalid.Add(
                    new Problem(
                        operation.Title,
                        $"`{other.Title}` of the same change reads {column.Name} or {operation.To}, and each operation "
                            + "is planned for the tables as they are now.",
                        "Split them into two changes, one after the other."
                    )
                );
            }
        }
    }
}

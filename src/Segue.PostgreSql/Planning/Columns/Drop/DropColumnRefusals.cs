using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Tables;
using Segue.PostgreSql.Planning.Triggers;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>Reasons not to drop a column: objects that would fail without it, or could not be restored.</summary>
internal sealed class DropColumnRefusals(Draft draft, DroppedColumn column)
{
    private Table Table => column.Table;

    public async Task<IReadOnlyList<Problem>> FindAsync()
    {
        IReadOnlyList<(string Kind, string What)> uses = await ColumnUses.OfAsync(
            draft.Connection,
            Table,
            column.Name,
            new DroppedColumnTriggers(column).Pattern,
            draft.Cancel
        );
        TableFacts facts = await TableFacts.OfAsync(draft.Connection, Table, draft.Cancel);
        IEnumerable<(string What, string Remedy)> objections =
        [
            .. OfShape(facts),
            .. uses.GroupBy(use => use.Kind)
                .Select(same => (Says(same.Key, string.Join(", ", same.Select(use => use.What))), Remedy(same.Key))),
            .. await OfTriggersAsync(),
            .. await OfPublicationsAsync(),
            .. await OfPartitionsAsync(),
        ];
        return [.. objections.Select(each => new Problem(column.Operation.Title, each.What, each.Remedy))];
    }

    private IEnumerable<(string What, string Remedy)> OfShape(TableFacts facts)
    {
        string table = $"{Table.Schema}.{Table.Name}";
        if (Table.IsPartition)
        {
            yield return ($"{table} is a partition; its columns belong to its root.", "Name the partitioned table.");
        }

        if (Table.Inherits)
        {
            yield return (
                $"{table} takes part in inheritance, where a column may come from several parents.",
                "Turn the tables into partitions first, or drop the column manually in each."
            );
        }

        if (Table.IsTyped)
        {
            yield return (
                $"{table} is a typed table (OF type); its columns belong to the type.",
                "`ALTER TABLE ... NOT OF` first."
            );
        }

        if (facts.Extension is { } extension)
        {
            yield return (
                $"{table} belongs to the extension {extension}, which needs its columns.",
                $"Remove the table from it: `ALTER EXTENSION {Sql.Name(extension)} DROP TABLE {Table.Sql}`."
            );
        }

        if (column.Column.UnprovenNotNull is { } unproven && column.Operation.Down is not null)
        {
            yield return (
                $"{column.Title} has the NOT NULL {unproven}, which was never proven.",
                $"Prove it first: a `sql` operation with `ALTER TABLE {Table.Sql} VALIDATE CONSTRAINT "
                    + $"{Sql.Name(unproven)}`."
            );
        }

        if (Table.IsPartitioned && column.Column.ForeignKeys.Count > 0 && draft.Server.Major < 18)
        {
            yield return (
                $"{table} is partitioned, and {column.Name} has {column.Column.ForeignKeys[0]}. Up to PostgreSQL 17 "
                    + "restoring that key would lock the table for as long as reading its rows takes.",
                "`drop_constraint` it first."
            );
        }
    }

    private string Says(string kind, string what) =>
        kind switch
        {
            "sync" => $"an unfinished change keeps another column in sync with {column.Title}: {what}.",
            "primary" => $"{column.Title} is in the primary key: {what}.",
            "reference" => $"other tables refer to {column.Title}: {what}.",
            "constraint" => $"{column.Title} is in constraints with other columns, which would be dropped with it: "
                + $"{what}.",
            "index" => $"{column.Title} is in indexes that serve other columns too, which would be dropped with it: "
                + $"{what}.",
            "identity" => $"published updates find rows of {Table.Name} by {column.Title}: {what}.",
            "partition" => $"{column.Title} decides to which partition a row belongs: {what}.",
            "sequence" => $"the sequence of {column.Title}, which is dropped with it, has dependent objects: {what}.",
            _ => $"{column.Title} has dependent objects: {what}.",
        };

    private string Remedy(string kind) =>
        kind switch
        {
            "sync" => "Complete that change first, or roll it back.",
            "primary" => "Give the table another primary key first (`drop_constraint`, `add_primary_key`).",
            "reference" => "`drop_constraint` those foreign keys first.",
            "constraint" => "`drop_constraint` these first; add them again without the column where they are needed.",
            "index" => "Replace these first by indexes without the column (`replace_index`), or `drop_index` them.",
            "identity" => $"First `ALTER TABLE {Table.Sql} REPLICA IDENTITY` with another index, by a `sql` operation.",
            "partition" => "Move the rows into a new table.",
            "sequence" => "Give these another sequence first.",
            _ => "Drop these, or recreate them without the column, by a `sql` operation of a change before this one; "
                + "Segue never uses CASCADE.",
        };

    /// <summary>A trigger's function that names the column would fail for every row.</summary>
    private async Task<IEnumerable<(string What, string Remedy)>> OfTriggersAsync() =>
        (await new TriggerFunctions(draft.Connection, Table).FindAsync(draft.Cancel))
            .Where(function => function.CanBeRead && ReadsColumn(function))
            .Select(function =>
                (
                    $"{function.Title} uses {column.Name} of the row: every statement that fires it would fail.",
                    "Change the function first, so that it works without the column."
                )
            );

    private bool ReadsColumn(TriggerFunction function)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(function.Source);
        return tokens
            .Zip(tokens.Skip(1), tokens.Skip(2))
            .Any(three =>
                three.First.IsName
                && (three.First.Text is "new" or "old" || function.Rows.Contains(three.First.Text))
                && three.Second.Text == "."
                && three.Third.IsName
                && three.Third.Text == column.Name
            );
    }

    /// <summary>Subscribers find columns by their names: a column with a new name would stop them.</summary>
    private async Task<IEnumerable<(string What, string Remedy)>> OfPublicationsAsync()
    {
        if (!column.IsKept || Table.Publications.Count == 0)
        {
            return [];
        }

        string publishes = draft.Server.Major >= 15 ? "t.attnames IS NULL OR $3 = ANY (t.attnames)" : "$3 IS NOT NULL";
        IReadOnlyList<string> publications = await draft.Connection.QueryAsync(
            $"""
            SELECT DISTINCT t.pubname::text FROM pg_publication_tables t WHERE ({publishes})
                AND (t.schemaname, t.tablename) IN (SELECT n.nspname, c.relname FROM pg_class c
                    JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.oid IN (SELECT $1::oid UNION SELECT relid FROM pg_partition_tree($2::oid::regclass)))
            ORDER BY 1
            """,
            row => row.GetString(0),
            draft.Cancel,
            (long)Table.Oid,
            (long)Table.Oid,
            column.Name
        );
        return When(
            publications.Count > 0,
            (
                $"{Table.Schema}.{Table.Name} is published with {column.Name} ({string.Join(", ", publications)}). "
                    + "Subscribers find columns by their names, and would stop at the name under which it is kept.",
                "Give `keep: 0d`: the column is dropped at once, and subscribers keep theirs. Or publish a list of "
                    + "columns without it first."
            )
        );
    }

    /// <summary>What a statement on the root does to partitions must be what it does to the root.</summary>
    private async Task<IEnumerable<(string What, string Remedy)>> OfPartitionsAsync()
    {
        foreach (Partition partition in Table.Partitions)
        {
            ExistingColumn? own = await ExistingColumn.FindAsync(
                draft.Connection,
                partition.Sql,
                column.Name,
                draft.Cancel
            );
            if (own is not null && (own.Default, own.IsNotNull) != (column.Column.Default, column.Column.IsNotNull))
            {
                return
                [
                    (
                        $"the partition {partition.Schema}.{partition.Name} has another default or NOT NULL of "
                            + $"{column.Name} than its root, which a rollback could not restore.",
                        "Make them equal first."
                    ),
                ];
            }
        }

        return [];
    }
}

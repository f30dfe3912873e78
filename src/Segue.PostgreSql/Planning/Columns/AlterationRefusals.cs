using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Reasons not to alter a column.</summary>
internal sealed class AlterationRefusals(Draft draft, Table table)
{
    public (string What, string Remedy)? Objection(AlterColumn change, ExistingColumn column, bool isRoot) =>
        (change, column) switch
        {
            ({ Nullable: not null }, { UnprovenNotNull: { } unproven }) => (
                $"{column.Name} has the NOT NULL {unproven}, which was never proven.",
                "Give rows without a value one (`backfill`) and prove it: a `sql` operation with `ALTER "
                    + $"TABLE {table.Sql} VALIDATE CONSTRAINT {Sql.Name(unproven)}`; or drop it with "
                    + "`drop_constraint` first."
            ),
            ({ Nullable: true }, { IsNotNull: true, IsIdentity: true }) => (
                $"{column.Name} is an identity column, which is never NULL.",
                "Leave `nullable` out."
            ),
            ({ Nullable: true }, { IsNotNull: true, Keys: [var key, ..] }) when key != "the partition key" => (
                $"{column.Name} is in {key}, which allows no NULL.",
                "Drop that first, or leave `nullable` out."
            ),
            ({ Nullable: false, Backfill: not null }, { IsGenerated: true }) => (
                $"{column.Name} is generated: the server alone gives it values.",
                "Leave `backfill` out."
            ),
            ({ Type: not null } or { Collation: not null }, { Keys: [.., "the partition key" and var key] }) => (
                $"{column.Name} decides, or may decide, which partition a row belongs to, by {key}.",
                "Create a new partitioned table and move the rows over."
            ),
            ({ Type: not null } or { Collation: not null }, { ForeignKeys: [var key, ..] }) when !isRoot => (
                $"{column.Name} of a partition is compared by {key} of its own.",
                "Drop that first (`drop_constraint`), and add it again afterwards (`add_foreign_key`)."
            ),
            _ => null,
        };

    /// <summary>
    /// The server copies these attributes to every partition. They must have been equal before, or a rollback could not
    /// restore them.
    /// </summary>
    public async Task<Problem?> DifferingPartitionAsync(AlterColumn change, ExistingColumn column)
    {
        if (change is { Default: null, DropDefault: false, Statistics: null, Storage: null, Compression: null })
        {
            return null;
        }

        foreach (Partition partition in table.Partitions)
        {
            ExistingColumn? own = await ExistingColumn.FindAsync(
                draft.Connection,
                partition.Sql,
                column.Name,
                draft.Cancel
            );
            if (
                own is not null
                && (own.Default, own.Statistics, own.Storage, own.Compression)
                    != (column.Default, column.Statistics, column.Storage, column.Compression)
            )
            {
                return new Problem(
                    change.Title,
                    $"the partition {partition.Schema}.{partition.Name} has another default, statistics "
                        + $"target, storage or compression of {column.Name} than its root. The server would "
                        + "replace it with the root's, and a rollback could not restore it.",
                    "Make them equal first, or alter the column manually (`ALTER TABLE ONLY`)."
                );
            }
        }

        return null;
    }

    /// <summary>Objects that the change itself builds on the column are built before its type changes.</summary>
    public async Task RefuseBuiltOnAsync(AlterColumn change, ExistingColumn column)
    {
        foreach (Operation other in draft.Change.Operations)
        {
            TableName? on = other is ReplaceIndex replaced
                ? (await ExistingIndex.FindAsync(draft.Connection, replaced.Index, draft.Cancel))?.Table
                : (other as TableOperation)?.Table;
            bool isHere = on is not null && on.Name == table.Name && (on.Schema ?? table.Schema) == table.Schema;
            IEnumerable<ColumnReading> reads = other.Reads.Where(reading =>
                reading.Lasts && (isHere || (other is not TableOperation && reading.Names(table.Name)))
            );
            if (reads.Any(reading => reading.Names(column.Name)))
            {
                draft.Invalid.Add(
                    new Problem(
                        change.Title,
                        $"`{other.Title}` of the same change reads {column.Name}. It would be built "
                            + "before the type changes, and the server would build or check it again while "
                            + "nobody can use the table.",
                        "Split them into two changes, this one first."
                    )
                );
            }
        }
    }
}

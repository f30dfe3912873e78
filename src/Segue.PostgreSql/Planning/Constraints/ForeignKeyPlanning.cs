using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Rows;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>
/// <c>add_foreign_key</c>: rows without a parent are repaired or reported first; then it is added unproven, and proven
/// online.
/// </summary>
internal sealed class ForeignKeyPlanning(Draft draft)
{
    private readonly ConstraintTargets _targets = new(draft);

    public async Task<IReadOnlyList<StagedStep>> AddAsync(AddForeignKey operation)
    {
        if (
            await _targets.ProvableAsync(operation) is not { } table
            || !_targets.HasColumns(operation, table, operation.Columns)
        )
        {
            return [];
        }

        ObjectNames names = await draft.NamesAsync(table);
        string? name = _targets.NameOf(
            operation,
            operation.Name,
            names.TakeConstraint,
            () => names.ForRelation(table.Schema, table.Name, string.Join('_', operation.Columns), "fkey")
        );
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        PlannedForeignKey? key = await draft.ForeignKeyAsync(
            copy,
            table,
            operation.Columns,
            operation.References,
            name ?? ""
        );
        await draft.DropAsync(copy);
        if (draft.HasProblems)
        {
            return [];
        }

        await WarnOfMissingIndexAsync(operation, table, key!);
        IEnumerable<RelationLock> reads =
            key!.Parent.Oid == table.Oid ? [] : Locks.OnAll(key.Parent, Locks.AccessShare);
        IReadOnlyList<StagedStep> repair = await RepairAsync(
            operation,
            new Proofs(table).HasNoParent(key),
            $"repair-{key.Name}"
        );
        string? repairedBy = repair.Select(each => each.Step).OfType<BackfillStep>().LastOrDefault()?.Id;
        return
        [
            .. repair,
            .. ConstraintTargets.Road(
                table,
                key.Name,
                [new Proofs(table).HasParent(key)],
                reads,
                new ForeignKeyRoad(table, draft.Server, key, $"enforce/constraint-{key.Name}").Add(),
                repairedBy
            ),
        ];
    }

    private async Task<IReadOnlyList<StagedStep>> RepairAsync(AddForeignKey operation, string isOrphan, string id) =>
        operation.Repair.Count == 0
            ? []
            : await new BackfillPlanning(draft).RepairAsync(
                new BackfillRows
                {
                    Table = operation.Table,
                    Set = operation.Repair,
                    Where = isOrphan,
                },
                id,
                $"{operation.Title}: repair"
            );

    private async Task WarnOfMissingIndexAsync(AddForeignKey operation, Table table, PlannedForeignKey key)
    {
        if (!await IsIndexedAsync(table, operation.Columns))
        {
            draft.Hazards.Add(
                new Hazard(
                    "foreign-key-index",
                    $"No index of {table.Name} begins with {string.Join(", ", operation.Columns)}: each "
                        + $"delete or key change in {key.Parent.Name} will read all of {table.Name}. "
                        + "`create_index` in the same change, before the foreign key, avoids that."
                )
            );
        }
    }

    private async Task<bool> IsIndexedAsync(Table table, IReadOnlyList<string> columns) =>
        draft
            .Change.Operations.OfType<TableOperation>()
            .Where(each => each.Table.Name == table.Name)
            .SelectMany(each => each.Creates.OfType<Creation.Index>())
            .Any(index => index.BeginsWith(columns))
        || await draft.Connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1::oid AND i.indpred IS NULL AND i.indisvalid
                AND i.indnkeyatts >= cardinality($2)
              AND (SELECT count(*) FROM unnest((i.indkey::int2[])[0:cardinality($2) - 1]) AS key(attnum)
                   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
                       AND a.attname = ANY ($2)) = cardinality($2))
            """,
            draft.Cancel,
            (long)table.Oid,
            columns.ToArray()
        );
}

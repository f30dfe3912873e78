using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>
/// The road of <c>drop_table</c>: after the gate its foreign keys are dropped one by one, and the table is moved into a
/// schema of its own. Each of these steps can be undone until the table is purged.
/// </summary>
internal sealed class DropTablePlanning(Draft draft)
{
    /// <summary>
    /// All dropped tables of a change together: all keys are dropped before any table, so that tables with references
    /// to each other can be dropped.
    /// </summary>
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(IReadOnlyList<DropTable> operations)
    {
        if (draft.Change.Operations.FirstOrDefault(other => other is not DropTable) is { } stranger)
        {
            draft.Invalid.Add(
                new Problem(
                    operations[0].Title,
                    $"`{stranger.Title}` is in the same change. Once completed it cannot be rolled "
                        + "back, so the table could not be restored either.",
                    "Put the drop into a change of its own."
                )
            );
            return [];
        }

        List<DroppedTable> tables = [];
        foreach (DropTable each in operations)
        {
            if (
                await draft.OwnedAsync(each.Table, each.Title) is { } table
                && draft.Claim(ClaimKind.Table, $"{table.Schema}.{table.Name}", each)
            )
            {
                draft.Plan.Moves(table.Sql, table.Partitions.Select(partition => partition.Sql), each);
                tables.Add(await DroppedTable.OfAsync(draft, each, table));
            }
        }

        Table[] gone = [.. tables.Select(dropped => dropped.Table)];
        foreach (DroppedTable dropped in tables)
        {
            draft.Refused.AddRange(await new DropTableRefusals(draft, dropped, gone).FindAsync());
        }

        IReadOnlyList<Step> keys = draft.HasProblems ? [] : await DropKeysAsync(tables, gone);
        return draft.HasProblems ? [] : await RoadAsync(tables, keys);
    }

    private async Task<IReadOnlyList<StagedStep>> RoadAsync(
        IReadOnlyList<DroppedTable> tables,
        IReadOnlyList<Step> keys
    )
    {
        List<StagedStep> road = [.. keys.Select(step => new StagedStep(StageName.Contract, step))];
        foreach (DroppedTable dropped in tables)
        {
            Table table = dropped.Table;
            int[] place = [draft.Plan.PlaceOf(dropped.Operation)];
            draft.Hazards.AddRange(
                await new DropTableHazards(draft, table, dropped.Kept, dropped.Operation.Keep).FindAsync()
            );
            road.Add(
                new StagedStep(
                    StageName.Switch,
                    new Steps(table).Gate(
                        "switch/drop-table",
                        $"wait until no code uses {table.Name}",
                        new GateCondition(GateEvidence.NotUsed, [$"table {table.Schema}.{table.Name}"])
                        {
                            Relation = table.Sql,
                        }
                    ) with
                    {
                        Operations = place,
                    }
                )
            );
            road.Add(
                new StagedStep(
                    StageName.Contract,
                    new SetAside(table, dropped.Kept, dropped.Operation.Keep).Step() with
                    {
                        Operations = place,
                    }
                )
            );
        }

        return road;
    }

    /// <summary>The undo runs in reverse, so proofs come last, with the first step.</summary>
    private async Task<IReadOnlyList<Step>> DropKeysAsync(IReadOnlyList<DroppedTable> tables, IReadOnlyList<Table> gone)
    {
        List<DroppedKey> keys = [];
        foreach (
            (DroppedTable dropped, ExistingConstraint constraint) in tables.SelectMany(dropped =>
                dropped.Keys.Select(key => (dropped, key))
            )
        )
        {
            if (await draft.FindAsync(constraint.Parent!, dropped.Operation.Title) is { } parent)
            {
                keys.Add(await DroppedKey.OfAsync(draft, dropped.Table, constraint, parent));
            }
        }

        return
        [
            .. keys.Index()
                .Select(key =>
                    key.Item.Drop(
                        Dependents.Obstacle(key.Item.Table, gone),
                        key.Index == 0 ? keys.SelectMany(each => each.Prove()) : []
                    )
                ),
        ];
    }
}

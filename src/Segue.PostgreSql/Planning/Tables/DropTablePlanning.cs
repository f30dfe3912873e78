using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables;

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
                    SetAside(table, dropped.Kept, dropped.Operation.Keep) with
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
                        IsNeeded(key.Item.Table, gone),
                        key.Index == 0 ? keys.SelectMany(each => each.Prove()) : []
                    )
                ),
        ];
    }

    private static DdlStep SetAside(Table table, KeptTable kept, TimeSpan keep)
    {
        Steps steps = new(table);
        string id = "contract/drop-table";
        string what = $"{table.Schema}.{table.Name}";
        DdlStep away = steps.Exclusive(id, $"set table {table.Name} aside", [.. kept.Away()]);
        DdlStep ofKept = away with
        {
            PatientLocks = [Locks.Statement(kept.Sql, Locks.ShareUpdateExclusive)],
            Locks = [Locks.Statement(kept.Sql, Locks.AccessExclusive)],
            Impact = new Impact
            {
                Locks = [.. kept.Kept.Select(relation => Locks.On(relation, Locks.AccessExclusive))],
                Cost = Cost.Metadata,
            },
        };
        return away with
        {
            Applied = Conditions.Query(Conditions.RelationExists(kept.Sql)),
            Obstacle = IsNeeded(table, []),
            Undo =
            [
                ofKept with
                {
                    Id = steps.IdOf($"{id}/undo"),
                    Title = $"restore table {table.Name}",
                    Statements = [.. kept.Back()],
                    Applied = Conditions.Query(
                        Conditions.All([
                            Conditions.RelationExists(table.Sql),
                            Conditions.Not(Conditions.RelationExists(kept.Sql)),
                        ])
                    ),
                    Obstacle = new Obstacle(
                        Conditions.Query(
                            Conditions.Either(
                                Conditions.Not(Conditions.RelationExists(kept.Sql)),
                                Conditions.RelationExists(table.Sql)
                            )
                        ),
                        $"{what} cannot be restored: its kept copy does not exist any more (purged, or "
                            + "dropped manually), or another object has its name and must be renamed first"
                    ),
                },
            ],
            Retains = new Retention
            {
                What = what,
                Relation = kept.Sql,
                Seconds = (long)keep.TotalSeconds,
                Purge = ofKept with
                {
                    Id = steps.IdOf($"{id}/purge"),
                    Title = $"drop {what} permanently",
                    Statements = [.. kept.Gone()],
                    Applied = Conditions.Query(Conditions.Not(Conditions.RelationExists(kept.Sql))),
                    Impact = ofKept.Impact with { Reversible = false },
                },
            },
        };
    }

    /// <param name="gone">Tables whose foreign keys the change drops.</param>
    private static Obstacle IsNeeded(Table table, IReadOnlyList<Table> gone) =>
        new(
            Conditions.Query(Dependents.Exist(table, gone)),
            "after the change was planned, an object was created that depends on "
                + $"{table.Schema}.{table.Name}: a view, a foreign key, a function. Drop or change that "
                + "(`\\d+` in psql shows it)"
        );
}

using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Constraints;

namespace Segue.PostgreSql.Planning.Tables;

/// <summary>
/// The road of <c>drop_table</c>: behind the gate its foreign keys go, one by one, and the table goes aside into a schema of its own. Each of these steps can be taken
/// back until the table is purged.
/// </summary>
internal sealed class DropTablePlanning(Draft draft)
{
    public async Task<IReadOnlyList<(StageName Stage, Step Step)>> PlanAsync(DropTable operation)
    {
        if (await draft.OwnedAsync(operation.Table, operation.Title) is not { } table || !draft.Take($"table {table.Schema}.{table.Name}", operation.Title))
        {
            return [];
        }

        if (draft.Change.Operations.FirstOrDefault(other => other is not DropTable) is { } stranger)
        {
            draft.Invalid.Add(new Problem(operation.Title, $"`{stranger.Title}` is in the same change: it could not be taken back once completed, and with it not the table.", "Make a change of its own for what is dropped."));
            return [];
        }

        IReadOnlyList<ExistingConstraint> keys = [.. (await ExistingConstraint.OfAsync(draft.Connection, table, draft.Cancel)).Where(constraint => constraint.Kind == 'f' && !constraint.IsInherited && constraint.Parent != new TableName(table.Schema, table.Name))];
        KeptTable kept = await KeptTable.OfAsync(draft.Connection, table, draft.Change.Name, draft.Cancel);
        draft.Refused.AddRange(await new DropTableRefusals(draft, table, kept, keys).FindAsync(operation.Title));
        List<Step> contract = [];
        foreach (ExistingConstraint key in keys)
        {
            if (!draft.HasProblems && await draft.FindAsync(key.Parent!, operation.Title) is { } parent)
            {
                contract.Add(DropKey(table, key, parent));
            }
        }

        if (draft.HasProblems)
        {
            return [];
        }

        draft.Moved.Add(table.Sql, operation.Title);
        draft.Hazards.AddRange(await new DropTableHazards(draft, table, kept, operation.Keep).FindAsync());
        contract.Add(MoveAway(table, kept, operation.Keep));
        GateStep gate = new Steps(table).Gate("switch/drop-table", $"wait until nobody uses {table.Name}", $"nobody to use table {table.Schema}.{table.Name} any more", draft.Change.Name);
        return [(StageName.Switch, gate), .. contract.Select(step => (StageName.Contract, step))];
    }

    /// <summary>Without it a parent's row could be deleted no more, or would take a row of the kept table with it.</summary>
    private static DdlStep DropKey(Table table, ExistingConstraint key, Table parent)
    {
        Steps steps = new(table);
        string id = $"contract/foreign-key-{key.Name}";
        PlannedConstraint planned = PlannedConstraint.ProvenOrNot(table.Sql, key);
        DdlStep drop = WithParent(steps.DropConstraint(id, $"drop foreign key {key.Name} to {parent.Name}", planned), parent, Locks.AccessExclusive);
        DdlStep add = WithParent(steps.Exclusive($"{id}/undo", $"add foreign key {key.Name} to {parent.Name} again, not yet proven", [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {planned.Sql} {key.Definition.Replace(" NOT VALID", "")} NOT VALID"]) with
        {
            Locks = [.. Locks.Statements(table, Locks.ShareRowExclusive)],
            Applied = Conditions.Query(planned.Exists),
            Impact = new Impact { Locks = Locks.OnAll(table, Locks.ShareRowExclusive), Cost = Cost.Metadata },
        }, parent, Locks.ShareRowExclusive);
        OnlineStep validate = steps.Validate($"{id}/undo-validate", $"prove foreign key {key.Name}", planned);
        return drop with
        {
            Obstacle = Used(table),
            Undo = key.Definition.EndsWith(" NOT VALID", StringComparison.Ordinal)
                ? [add]
                : [add, validate with { Impact = validate.Impact with { Locks = [.. validate.Impact.Locks, Locks.On(parent.Sql, Locks.RowShare), .. parent.Partitions.Select(partition => Locks.On(partition.Sql, Locks.AccessShare))] } }],
        };
    }

    private static DdlStep WithParent(DdlStep step, Table parent, string mode) => step with
    {
        PatientLocks = [.. step.PatientLocks, .. parent.CanLock ? [Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive)] : Array.Empty<string>()],
        Locks = [.. step.Locks, .. parent.CanLock ? Locks.Statements(parent, mode) : []],
        Impact = step.Impact with { Locks = [.. step.Impact.Locks, .. Locks.OnAll(parent, mode)] },
    };

    private DdlStep MoveAway(Table table, KeptTable kept, TimeSpan keep)
    {
        Steps steps = new(table);
        string id = "contract/drop-table";
        string row = $"change = {Sql.Literal(draft.Change.Name)} AND step = {Sql.Literal(steps.IdOf(id))}";
        string what = $"{table.Schema}.{table.Name}";
        string retain = $"INSERT INTO segue.retained (change, step, what, relation, until) VALUES ({Sql.Literal(draft.Change.Name)}, {Sql.Literal(steps.IdOf(id))}, {Sql.Literal(what)}, {Sql.Literal(kept.Sql)}, clock_timestamp() + interval '{(long)keep.TotalSeconds} seconds')";
        DdlStep away = steps.Exclusive(id, $"put table {table.Name} aside", [.. kept.Away(), retain]);
        DdlStep ofKept = away with
        {
            PatientLocks = [Locks.Statement(kept.Sql, Locks.ShareUpdateExclusive)],
            Locks = [Locks.Statement(kept.Sql, Locks.AccessExclusive)],
            Impact = new Impact { Locks = [.. kept.Kept.Select(relation => Locks.On(relation, Locks.AccessExclusive))], Cost = Cost.Metadata },
        };
        return away with
        {
            Applied = Conditions.Query(Conditions.RelationExists(kept.Sql)),
            Obstacle = Used(table),
            Undo =
            [
                ofKept with
                {
                    Id = steps.IdOf($"{id}/undo"),
                    Title = $"bring table {table.Name} back",
                    Statements = [.. kept.Back(), $"DELETE FROM segue.retained WHERE {row}"],
                    Applied = Conditions.Query(Conditions.All([Conditions.RelationExists(table.Sql), Conditions.Not(Conditions.RelationExists(kept.Sql))])),
                    Obstacle = new Obstacle(
                        Conditions.Query(Conditions.Either(Conditions.Not(Conditions.RelationExists(kept.Sql)), Conditions.RelationExists(table.Sql))),
                        $"{what} cannot come back: what was kept of it is gone (purged, or taken away by hand), or its name is something else's now, which must be renamed first"),
                },
            ],
            Keeps = new Retention
            {
                What = what,
                Relation = kept.Sql,
                Seconds = (long)keep.TotalSeconds,
                Purge = ofKept with
                {
                    Id = steps.IdOf($"{id}/purge"),
                    Title = $"drop {what} for good",
                    Statements = [.. kept.Gone(), $"UPDATE segue.retained SET purged_at = clock_timestamp() WHERE {row}"],
                    Applied = Conditions.Query(Conditions.Not(Conditions.RelationExists(kept.Sql))),
                    Impact = ofKept.Impact with { Reversible = false },
                },
            },
        };
    }

    private static Obstacle Used(Table table) => new(
        Conditions.Query(Dependents.Exist(table)), $"something was made since the change was planned that needs {table.Schema}.{table.Name}: a view, a foreign key, a function. Drop or change that (`\\d+` in psql shows it)");
}

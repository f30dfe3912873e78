using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary><c>drop_index</c> and <c>rename_index</c>.</summary>
internal sealed class ExistingIndexPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> DropAsync(DropIndex operation)
    {
        if (await FindAsync(operation.Index, operation) is not { } found)
        {
            return [];
        }

        return Drop(found.Index, found.Table, operation.Title);
    }

    /// <param name="isReplaced">A condition: another index has its name, so it was dropped; null if none will.</param>
    public IReadOnlyList<StagedStep> Drop(ExistingIndex index, Table table, string where, string? isReplaced = null)
    {
        if (Objection(index, table) is { } refused)
        {
            draft.Refused.Add(new Problem(where, $"{index.Schema}.{index.Name} {refused.What}", refused.Remedy));
            return [];
        }

        draft.Drift.Watch(index.FingerprintLine);
        WarnOfUse(index);
        Steps steps = new(table);
        PlannedIndex planned = Planned(index, table, index.Name);
        string isGone = Conditions.Not(Conditions.RelationExists(planned.Sql));
        string applied = Conditions.Query(isReplaced is null ? isGone : Conditions.Either(isGone, isReplaced));
        Step drop = table.IsPartitioned
            ? steps.Exclusive(
                $"contract/index-{index.Name}",
                $"drop index {index.Name} and its parts",
                [$"DROP INDEX {planned.Sql}"]
            ) with
            {
                Applied = applied,
            }
            : steps.DropIndex($"contract/index-{index.Name}", planned) with
            {
                Applied = applied,
                Obstacle = new Obstacle(
                    Conditions.Query(planned.NameIsTaken),
                    $"{planned.Sql} differs from the index that existed when the change was planned, "
                        + "and is not touched. Roll back and plan again, or restore that index"
                ),
            };
        return
        [
            new StagedStep(
                StageName.Switch,
                steps.Gate(
                    $"switch/index-{index.Name}",
                    $"wait until no code needs index {index.Name}",
                    new GateCondition(GateEvidence.NotUsed, [$"index {index.Name}"])
                )
            ),
            new StagedStep(StageName.Contract, drop with { Impact = drop.Impact with { Reversible = false } }),
        ];
    }

    public async Task<IReadOnlyList<StagedStep>> RenameAsync(RenameIndex operation)
    {
        if (await FindAsync(operation.Index, operation) is not { } found)
        {
            return [];
        }

        (ExistingIndex index, Table table) = found;
        ObjectNames names = await draft.NamesAsync(table);
        if (!(index.Constraint is null ? names.Take(operation.To) : names.TakeBoth(operation.To)))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: to",
                    $"{index.Schema} already has an object named {operation.To}.",
                    "Choose another name."
                )
            );
            return [];
        }

        if (index.Constraint is { } constraint)
        {
            draft.Drift.Expect(
                (await ExistingConstraint.OfAsync(draft.Connection, table, draft.Cancel))
                    .Where(each => each.Name == constraint)
                    .Select(each => each.FingerprintLine)
            );
            draft.Hazards.Add(
                Hazard.Danger(
                    "constraint-name",
                    $"The constraint {constraint} is renamed as well: a statement that names it (ON "
                        + $"CONFLICT ON CONSTRAINT {constraint}) fails from then on."
                )
            );
        }

        string id = $"enforce/index-{index.Name}/rename";
        return
        [
            new StagedStep(
                StageName.Enforce,
                Rename(table, Planned(index, table, operation.To), id, index.Name, operation.To) with
                {
                    Undo = [Rename(table, Planned(index, table, index.Name), $"{id}/undo", operation.To, index.Name)],
                }
            ),
        ];
    }

    /// <param name="renamed">Its state after the rename.</param>
    public static DdlStep Rename(Table table, PlannedIndex renamed, string id, string from, string to) =>
        new()
        {
            Id = new Steps(table).IdOf(id),
            Title = $"rename index {from} to {to}",
            Statements = [$"ALTER INDEX {Sql.Name(renamed.Schema, from)} RENAME TO {Sql.Name(to)}"],
            Applied = Conditions.Query(
                Conditions.All([
                    renamed.Exists,
                    Conditions.Not(Conditions.RelationExists(Sql.Name(renamed.Schema, from))),
                ])
            ),
            Obstacle = new Obstacle(
                Conditions.Query(
                    Conditions.All([
                        Conditions.RelationExists(Sql.Name(renamed.Schema, from)),
                        Conditions.RelationExists(Sql.Name(renamed.Schema, to)),
                    ])
                ),
                $"schema {renamed.Schema} has both {from} and {to}; one of them was created after the "
                    + "change was planned. Rename or drop that one"
            ),
            Impact = new Impact
            {
                Locks = [Locks.On(Sql.Name(renamed.Schema, from), Locks.ShareUpdateExclusive)],
                Cost = Cost.Metadata,
            },
            Estimate = Estimates.Metadata(table),
        };

    private static PlannedIndex Planned(ExistingIndex index, Table table, string name) =>
        new(table.Sql, index.Schema, name, index.Definition, index.IsUnique);

    public async Task<(ExistingIndex Index, Table Table)?> FindAsync(TableName name, Operation operation)
    {
        string where = operation.Title;
        if (await ExistingIndex.FindAsync(draft.Connection, name, draft.Cancel) is not { } index)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{where}: index",
                    $"there is no index {name}{draft.OnThePath(name)}.",
                    await MeantNames.OfIndexAsync(draft.Connection, name, draft.Cancel)
                )
            );
            return null;
        }

        bool isFree =
            draft.Claim(ClaimKind.Index, $"{index.Schema}.{index.Name}", operation)
            && (
                index.Constraint is not { } constraint
                || draft.Claim(ClaimKind.Constraint, $"{index.Table} {constraint}", operation)
            );
        return await draft.OwnedAsync(index.Table, where, alsoMatview: true) is { } table && isFree
            ? (index, table)
            : null;
    }

    private static (string What, string Remedy)? Objection(ExistingIndex index, Table table) =>
        index switch
        {
            { Constraint: { } constraint } => (
                $"serves the constraint {constraint}.",
                $"Use `drop_constraint: {{ table: {table.Schema}.{table.Name}, name: {constraint} }}`."
            ),
            { IsAttached: true } => ("is a partition's part of the root's index.", "Drop the root's index."),
            { IsReplicaIdentity: true } => (
                $"is the replica identity of {table.Name}: without it updates could not be published.",
                "Choose another one first: `ALTER TABLE ... REPLICA IDENTITY`."
            ),
            { Dependents: [var dependent, ..] } => ($"is needed by {dependent}.", "Drop or change that first."),
            _ => null,
        };

    private void WarnOfUse(ExistingIndex index)
    {
        string used =
            index.Scans == 0
                ? "It was not used since the server's statistics were last reset (replicas have their own statistics)."
                : $"It was used {index.Scans:N0} times since the server's statistics were last reset: "
                    + "those statements will read more without it.";
        string unique = index.IsUnique
            ? " It is unique: without it duplicate values are possible, and ON CONFLICT on its columns fails."
            : "";
        draft.Hazards.Add(
            new Hazard("index-use", $"{index.Name} cannot be restored without building it again. {used}{unique}")
        );
    }
}

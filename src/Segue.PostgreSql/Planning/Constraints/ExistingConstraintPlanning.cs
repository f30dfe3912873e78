using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary><c>drop_constraint</c> and <c>rename_constraint</c>.</summary>
internal sealed class ExistingConstraintPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> DropAsync(DropConstraint operation)
    {
        if (await FindAsync(operation, operation.Name) is not { } found)
        {
            return [];
        }

        (Table table, ExistingConstraint constraint) = found;
        if (Objection(constraint) is { } refused)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"the {constraint.KindName} {constraint.Name} of {table.Schema}.{table.Name} {refused.What}",
                    refused.Remedy
                )
            );
            return [];
        }

        string indexToo = constraint.Kind is 'p' or 'u' or 'x'
            ? " Its index is dropped too: statements that use it read more, and ON CONFLICT on its columns fails."
            : "";
        draft.Hazards.Add(
            new Hazard(
                "constraint-use",
                $"Without the {constraint.KindName} {constraint.Name} rows that violate it may be written, "
                    + $"and it cannot be added again before they are corrected.{indexToo}"
            )
        );
        draft.Drift.ExpectBehindGate(constraint.FingerprintLine);
        DdlStep drop = await LockParentAsync(operation, table, constraint, Drop(table, constraint));
        return
        [
            new StagedStep(
                StageName.Switch,
                new Steps(table).Gate(
                    $"switch/constraint-{constraint.Name}",
                    $"wait until no code relies on {constraint.Name}",
                    new GateCondition(
                        GateEvidence.NotUsed,
                        [$"{constraint.KindName} {constraint.Name} of {table.Name}"]
                    )
                    {
                        Relation = table.Sql,
                    }
                )
            ),
            new StagedStep(StageName.Contract, drop with { Impact = drop.Impact with { Reversible = false } }),
        ];
    }

    private static (string What, string Remedy)? Objection(ExistingConstraint constraint) =>
        constraint switch
        {
            { IsInherited: true } => ("is inherited.", "Drop it on the table it comes from."),
            { IsReplicaIdentity: true } => (
                "is the replica identity: without it updates could not be published.",
                "Choose another one first: `ALTER TABLE ... REPLICA IDENTITY`."
            ),
            { Dependents: [var dependent, ..] } => ($"is needed by {dependent}.", "Drop or change that first."),
            _ => null,
        };

    private static DdlStep Drop(Table table, ExistingConstraint constraint)
    {
        PlannedConstraint named = PlannedConstraint.Named(table.Sql, constraint.Name);
        return new Steps(table).DropConstraint(
            $"contract/constraint-{constraint.Name}",
            $"drop {constraint.KindName} {constraint.Name}",
            named
        ) with
        {
            Obstacle = new Obstacle(
                Conditions.Query(
                    Conditions.All([
                        named.Exists,
                        Conditions.Not(PlannedConstraint.ProvenOrNot(table.Sql, constraint).Exists),
                    ])
                ),
                $"the constraint {constraint.Name} of {table.Schema}.{table.Name} differs from the one "
                    + "in the plan. Check which one you want to drop"
            ),
        };
    }

    /// <summary>Dropping a foreign key locks its parent as well.</summary>
    private async Task<DdlStep> LockParentAsync(
        DropConstraint operation,
        Table table,
        ExistingConstraint constraint,
        DdlStep drop
    )
    {
        if (
            constraint.Parent is not { } name
            || await draft.FindAsync(name, operation.Title) is not { } parent
            || parent.Oid == table.Oid
        )
        {
            return drop;
        }

        return drop with
        {
            PatientLocks =
            [
                .. drop.PatientLocks,
                .. When(parent.CanLock, () => Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive)),
            ],
            Locks = [.. drop.Locks, .. parent.CanLock ? Locks.Statements(parent, Locks.AccessExclusive) : []],
            Impact = drop.Impact with { Locks = [.. drop.Impact.Locks, .. Locks.OnAll(parent, Locks.AccessExclusive)] },
        };
    }

    public async Task<IReadOnlyList<StagedStep>> RenameAsync(RenameConstraint operation)
    {
        if (await FindAsync(operation, operation.Name) is not { } found)
        {
            return [];
        }

        (Table table, ExistingConstraint constraint) = found;
        if (constraint.IsInherited)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"the {constraint.KindName} {constraint.Name} of {table.Schema}.{table.Name} is inherited.",
                    "Rename it on the table it comes from."
                )
            );
            return [];
        }

        ObjectNames names = await draft.NamesAsync(table);
        if (!(constraint.Kind is 'p' or 'u' or 'x' ? names.TakeBoth(operation.To) : names.TakeConstraint(operation.To)))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: to",
                    $"{table.Schema}.{table.Name}, or its schema, already has an object named {operation.To}.",
                    "Choose another name."
                )
            );
            return [];
        }

        draft.Drift.Expect(constraint.FingerprintLine);
        draft.Hazards.Add(
            Hazard.Danger(
                "constraint-name",
                $"A statement that names the constraint (ON CONFLICT ON CONSTRAINT {constraint.Name}), "
                    + "and code that reads the name in an error, must use the new name from then on."
            )
        );
        string id = $"enforce/constraint-{constraint.Name}/rename";
        return
        [
            new StagedStep(
                StageName.Enforce,
                Rename(table, constraint, id, constraint.Name, operation.To) with
                {
                    Undo = [Rename(table, constraint, $"{id}/undo", operation.To, constraint.Name)],
                }
            ),
        ];
    }

    private static DdlStep Rename(Table table, ExistingConstraint constraint, string id, string from, string to) =>
        new Steps(table).Exclusive(
            id,
            $"rename {constraint.KindName} {from} to {to}",
            [$"ALTER TABLE {table.Sql} RENAME CONSTRAINT {Sql.Name(from)} TO {Sql.Name(to)}"]
        ) with
        {
            Applied = Conditions.Query(
                Conditions.All([
                    PlannedConstraint.Existing(table.Sql, constraint with { Name = to }).Exists,
                    Conditions.Not(PlannedConstraint.Existing(table.Sql, constraint with { Name = from }).Exists),
                ])
            ),
            Obstacle = new Obstacle(
                Conditions.Query(
                    Conditions.All([
                        PlannedConstraint.Named(table.Sql, from).Exists,
                        PlannedConstraint.Named(table.Sql, to).Exists,
                    ])
                ),
                $"{table.Schema}.{table.Name} has both {from} and {to}; one of them was created "
                    + "after the change was planned. Rename or drop that one"
            ),
        };

    private async Task<(Table Table, ExistingConstraint Constraint)?> FindAsync(TableOperation operation, string name)
    {
        if (await draft.OwnedAsync(operation.Table, operation.Title) is not { } table)
        {
            return null;
        }

        IReadOnlyList<ExistingConstraint> all = await ExistingConstraint.OfAsync(draft.Connection, table, draft.Cancel);
        if (all.FirstOrDefault(each => each.Name == name) is { } constraint)
        {
            return draft.Claim(ClaimKind.Constraint, $"{table.Schema}.{table.Name} {name}", operation)
                ? (table, constraint)
                : null;
        }

        draft.Invalid.Add(
            new Problem(
                $"{operation.Title}: name",
                $"{table.Schema}.{table.Name} has no constraint {name}.",
                all.Count == 0
                    ? "The table has no constraints."
                    : $"It has {string.Join(", ", all.Select(each => each.Name))}."
            )
        );
        return null;
    }
}

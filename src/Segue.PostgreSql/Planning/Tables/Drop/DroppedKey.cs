using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>
/// A foreign key of a dropped table. The key is dropped with the table, so that parent rows can still be deleted. If it
/// cannot be restored on rollback, that is reported and the table is restored without it.
/// </summary>
/// <param name="Constraint">As it was found.</param>
/// <param name="Key">The same, to find rows that violate it.</param>
internal sealed record DroppedKey(Table Table, ExistingConstraint Constraint, PlannedForeignKey Key, string? Comment)
{
    private const string NotValid = " NOT VALID";

    private string Name => $"{Constraint.Name} of {Table.Schema}.{Table.Name}";

    private Table Parent => Key.Parent;

    private PlannedConstraint Planned => PlannedConstraint.ProvenOrNot(Table.Sql, Constraint);

    private string Id => $"contract/foreign-key-{Constraint.Name}";

    /// <summary>Without a check of existing rows.</summary>
    private string Definition =>
        Constraint.Definition.EndsWith(NotValid, StringComparison.Ordinal)
            ? Constraint.Definition[..^NotValid.Length]
            : Constraint.Definition;

    private bool IsEnforced => !Definition.EndsWith(" NOT ENFORCED", StringComparison.Ordinal);

    private bool WasProven => IsEnforced && Definition == Constraint.Definition;

    private string Again =>
        $"ALTER TABLE {Table.Sql} ADD CONSTRAINT {Planned.Sql} {Definition}{(IsEnforced ? NotValid : "")}";

    private string Validate => $"ALTER TABLE {Table.Sql} VALIDATE CONSTRAINT {Planned.Sql}";

    public static async Task<DroppedKey> OfAsync(Draft draft, Table table, ExistingConstraint constraint, Table parent)
    {
        RootForeignKey known = (await RootForeignKey.OfAsync(draft.Connection, table, draft.Cancel)).Single(key =>
            key.Name == constraint.Name
        );
        PlannedForeignKey key = new(known.Name, known.Columns, parent, known.Reference.Columns, known.Reference)
        {
            Casts = await CatalogReader.CastsToAsync(draft.Connection, parent, known.Reference.Columns, draft.Cancel),
        };
        string? comment = await draft.Connection.ScalarAsync<string?>(
            "SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conrelid = $1::oid AND conname = $2",
            draft.Cancel,
            (long)table.Oid,
            constraint.Name
        );
        return new DroppedKey(table, constraint, key, comment);
    }

    /// <param name="isNeeded">An object depends on the table now.</param>
    /// <param name="proofs">The undo's last steps.</param>
    public DdlStep Drop(Obstacle isNeeded, IEnumerable<Step> proofs)
    {
        Steps steps = new(Table);
        DdlStep drop = WithParent(
            steps.DropConstraint(Id, $"drop foreign key {Constraint.Name} to {Parent.Name}", Planned),
            Locks.AccessExclusive
        );
        string unproven = IsEnforced ? ", not yet proven" : "";
        DdlStep add = steps.Exclusive(
            $"{Id}/undo",
            $"add foreign key {Constraint.Name} to {Parent.Name} again{unproven}",
            [
                Again,
                .. Comment is null
                    ? Array.Empty<string>()
                    : [$"COMMENT ON CONSTRAINT {Planned.Sql} ON {Table.Sql} IS {Sql.Literal(Comment)}"],
            ]
        ) with
        {
            Locks = [.. Locks.Statements(Table, Locks.ShareRowExclusive)],
            Applied = Conditions.Query(Planned.Exists),
            Impact = new Impact { Locks = Locks.OnAll(Table, Locks.ShareRowExclusive), Cost = Cost.Metadata },
            IfNotPossible =
                $"the foreign key {Name} was not restored. Correct the cause below, then "
                + $"`{Again}`{(WasProven ? $" and `{Validate}` restore" : " restores")} it:",
        };
        return drop with { Obstacle = isNeeded, Undo = [WithParent(add, Locks.ShareRowExclusive), .. proofs] };
    }

    /// <summary>
    /// After all keys of the change are restored: a key whose rows lost their parents must not block the others. If it
    /// could not be proven, its failing rows are reported.
    /// </summary>
    public IEnumerable<Step> Prove()
    {
        if (!WasProven)
        {
            yield break;
        }

        IReadOnlyList<RelationLock> reads =
        [
            Locks.On(Parent.Sql, Locks.RowShare),
            .. Parent.Partitions.Select(partition => Locks.On(partition.Sql, Locks.AccessShare)),
        ];
        OnlineStep validate = new Steps(Table).Validate(
            $"{Id}/undo-validate",
            $"prove foreign key {Constraint.Name}",
            Planned
        );
        string isSettled = Conditions.Query(Conditions.Either(Conditions.Not(Planned.Exists), Planned.IsValid));
        yield return validate with
        {
            Applied = isSettled,
            Impact = validate.Impact with { Locks = [.. validate.Impact.Locks, .. reads] },
            IfNotPossible =
                $"the foreign key {Name} was restored for new writes, but not proven. Correct its rows, "
                + $"then `{Validate}` proves it:",
        };
        if (!Definition.Contains(", PERIOD ", StringComparison.Ordinal))
        {
            Proofs proofs = new(Table);
            yield return proofs.Step(
                $"{Id}/undo-rows",
                $"check for rows that violate {Constraint.Name}",
                [proofs.HasParent(Key) with { Remedy = "Give them a parent, or delete them." }],
                Locks.OnAll(Parent, Locks.AccessShare)
            ) with
            {
                Applied = isSettled,
                IfNotPossible = $"rows that violate {Constraint.Name}:",
            };
        }
    }

    private DdlStep WithParent(DdlStep step, string mode) =>
        step with
        {
            PatientLocks =
            [
                .. step.PatientLocks,
                .. When(Parent.CanLock, () => Locks.Statement(Parent.Sql, Locks.ShareUpdateExclusive)),
            ],
            Locks = [.. step.Locks, .. Parent.CanLock ? Locks.Statements(Parent, mode) : []],
            Impact = step.Impact with { Locks = [.. step.Impact.Locks, .. Locks.OnAll(Parent, mode)] },
        };
}

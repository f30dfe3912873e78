using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Partitions;

/// <summary>
/// A table becomes a partition without being read while it is locked. CHECKs prove its bound beforehand, and that the
/// default partition has no row of it. Missing indexes and foreign keys are created beforehand, so that the root uses
/// them.
/// </summary>
/// <param name="other">The default partition; null for none.</param>
internal sealed class AttachRoad(Draft draft, Table root, Table partition, Table? other, PartitionAnswer answer)
{
    private readonly Steps _own = new(partition);

    public required ObjectNames Names { get; init; }

    /// <summary>Foreign keys without an equal on the table.</summary>
    public required IReadOnlyList<PlannedForeignKey> Missing { get; init; }

    /// <summary>The tables that the root's foreign keys reference.</summary>
    public required IReadOnlyList<Table> References { get; init; }

    private string Id => $"enforce/attach-{partition.Schema}.{partition.Name}";

    private string IsAttached =>
        $"""
            EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = to_regclass({Sql.Literal(root.Sql)})
                    AND i.inhrelid = to_regclass({Sql.Literal(partition.Sql)})
                      AND NOT i.inhdetachpending AND {Printing.InPlan("pg_get_expr(c.relpartbound, c.oid)")} =
                          {Sql.Literal(answer.Bound)})
            """;

    private Helper Takes =>
        new(
            partition,
            answer.Condition,
            answer.Takes,
            $"on {partition.Name} that it has only rows of the bound",
            root.Sql
        );

    private Helper? Excludes =>
        other is null
            ? null
            : new(
                other,
                $"NOT {answer.Condition}",
                answer.Excludes,
                $"on {other.Name} that it has no rows of the bound",
                partition.Sql
            );

    private IEnumerable<Helper> Helpers =>
        new[] { Excludes, Takes }.OfType<Helper>().Where(helper => !draft.IsSmall(helper.Table));

    public IReadOnlyList<StagedStep> Steps()
    {
        (List<Step> proofs, List<Step> enforce) = ([Fits(partition, answer.Condition)], []);
        proofs.AddRange(other is null ? [] : [Fits(other, $"NOT {answer.Condition}")]);
        foreach (MissingIndex index in answer.Missing)
        {
            proofs.AddRange(
                index.Constraint is null
                    ? []
                    :
                    [
                        new Proofs(partition).Step(
                            $"verify/attach-{index.Name}",
                            $"check for rows that violate {index.Name}",
                            [new Proofs(partition).HasNoDuplicates(UniqueValues.Of(index.Columns))],
                            []
                        ),
                    ]
            );
            enforce.AddRange(Build(index));
        }

        foreach (PlannedForeignKey key in Missing)
        {
            proofs.Add(
                new Proofs(partition).Step(
                    $"verify/attach-{key.Name}",
                    $"check for rows that violate {key.Name}",
                    [new Proofs(partition).HasParent(key)],
                    key.Parent.Oid == partition.Oid ? [] : Locks.OnAll(key.Parent, Locks.AccessShare)
                )
            );
            enforce.AddRange(new ForeignKeyRoad(partition, draft.Server, key, $"{Id}/{key.Name}").Add());
        }

        // The default partition's CHECK comes last: from then on it rejects rows of the bound.
        enforce.AddRange(Helpers.Reverse().SelectMany(Prove));
        return
        [
            .. proofs.Select(step => new StagedStep(StageName.Verify, step)),
            .. enforce.Append(Attach()).Select(step => new StagedStep(StageName.Enforce, step)),
        ];
    }

    private VerifyStep Fits(Table table, string condition) =>
        new Proofs(table).Step(
            $"verify/attach-{partition.Schema}.{partition.Name}",
            $"check for rows of {table.Name} that do not belong there",
            [new Proofs(table).Belongs(answer.Bound, condition)],
            []
        );

    private IEnumerable<Step> Build(MissingIndex index)
    {
        PlannedIndex planned = new(
            partition.Sql,
            partition.Schema,
            Names.Free(index.Name),
            index.Definition,
            index.IsUnique
        );
        if (index.Constraint is not { } words)
        {
            return new IndexRoad(partition, Names, $"{Id}/index-{planned.Name}", isUndone: true).Build(planned);
        }

        PlannedConstraint constraint =
            words == "UNIQUE"
                ? PlannedConstraint.Unique(partition.Sql, planned.Name, index.Columns)
                : PlannedConstraint.PrimaryKey(partition.Sql, planned.Name, index.Columns);
        return new UniqueRoad(partition, planned, constraint, words, $"{Id}/{planned.Name}", isUndone: true)
        {
            Suffix = index.Suffix,
        }.Add();
    }

    private IEnumerable<Step> Prove(Helper helper)
    {
        Steps steps = new(helper.Table);
        DdlStep add = steps.Exclusive(
            $"{Id}/check-add",
            $"add a CHECK {helper.What}, not yet proven",
            [$"ALTER TABLE {helper.Table.Sql} ADD CONSTRAINT {helper.Check.Sql} CHECK ({helper.Condition}) NOT VALID"]
        ) with
        {
            Applied = Conditions.Query(Conditions.Either(IsAttached, helper.Check.Exists)),
            Undo = [steps.DropConstraint($"{Id}/check-add/undo", $"drop the CHECK {helper.What}", helper.Check)],
        };
        yield return add;
        yield return steps.Validate($"{Id}/check-validate", $"prove the CHECK {helper.What}", helper.Check) with
        {
            Applied = Conditions.Query(Conditions.Either(IsAttached, helper.Check.IsValid)),
            UndoOnViolation = add.Id,
        };
    }

    private DdlStep Attach()
    {
        Table[] own = [partition, .. other is null ? Array.Empty<Table>() : [other]];
        IReadOnlyList<RelationLock> strong =
        [
            .. own.Select(table => Locks.On(table.Sql, Locks.AccessExclusive)),
            .. References.SelectMany(table => Locks.OnAll(table, Locks.AccessExclusive)),
        ];
        bool reads = own.Length > Helpers.Count();
        DdlStep attach = new()
        {
            Id = _own.IdOf("enforce/attach"),
            Title = $"attach {partition.Name} to {root.Name} {answer.Bound}",
            PatientLocks =
            [
                .. own.Prepend(root).Select(table => Locks.Statement($"ONLY {table.Sql}", Locks.ShareUpdateExclusive)),
                .. Lockable.Select(table => Locks.Statement(table.Sql, Locks.ShareUpdateExclusive)),
            ],
            Locks =
            [
                .. own.Select(table => Locks.Statement($"ONLY {table.Sql}", Locks.AccessExclusive)),
                .. Lockable.SelectMany(table => Locks.Statements(table, Locks.AccessExclusive)),
            ],
            Statements =
            [
                $"ALTER TABLE {root.Sql} ATTACH PARTITION {partition.Sql} {answer.Bound}",
                .. Helpers.Select(helper =>
                    $"ALTER TABLE {helper.Table.Sql} DROP CONSTRAINT IF EXISTS {helper.Check.Sql}"
                ),
            ],
            Applied = Conditions.Query(IsAttached),
            Impact = new Impact
            {
                Locks = [Locks.On(root.Sql, Locks.ShareUpdateExclusive), .. strong],
                Cost = reads ? Cost.Scan : Cost.Metadata,
            },
            Estimate = reads ? Estimates.Scan(partition) : Estimates.Metadata(partition),
        };
        return attach with
        {
            Undo = [Detachment.Short(root, partition, other, References) with { Id = attach.Id + "/undo" }],
        };
    }

    private IEnumerable<Table> Lockable => References.Where(table => table.CanLock);

    /// <summary>A temporary CHECK of Segue's, until the partition is attached.</summary>
    /// <param name="Mark">Distinguishes it from others of the same table.</param>
    private sealed record Helper(Table Table, string Condition, PlannedCheck Printed, string What, string Mark)
    {
        public PlannedConstraint Check =>
            PlannedConstraint.Check(Table.Sql, ObjectNames.BoundCheck(Mark, Table.Sql), Printed);
    }
}

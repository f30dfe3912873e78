using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>A foreign key of a table that has rows, without blocking: added unproven, then proven online.</summary>
/// <param name="id">Begins the steps' ids.</param>
internal sealed class ForeignKeyRoad(Table table, ServerFacts server, PlannedForeignKey key, string id)
{
    private readonly Steps _steps = new(table);

    private Table Parent => key.Parent;

    public IEnumerable<Step> Add()
    {
        if (table.IsPartitioned && server.Major < 18)
        {
            return OnPartitions();
        }

        OnlineStep validate = _steps.Validate($"{id}/fk-validate", $"prove foreign key {key.Name}", key.On(table.Sql));
        return
        [
            Add($"{id}/fk-add", table.Sql, "NOT VALID", Locks.OnAll(table, Locks.ShareRowExclusive)),
            validate with
            {
                Impact = validate.Impact with { Locks = [.. validate.Impact.Locks, .. ReadsParent()] },
            },
        ];
    }

    /// <summary>The lock of its proof on the parent; a self-reference has a stronger one already.</summary>
    private IEnumerable<RelationLock> ReadsParent() =>
        Parent.Oid == table.Oid
            ? []
            :
            [
                Locks.On(Parent.Sql, Locks.RowShare),
                .. Parent.Partitions.Select(partition => Locks.On(partition.Sql, Locks.AccessShare)),
            ];

    private DdlStep Add(string stepId, string relation, string suffix, IReadOnlyList<RelationLock> own)
    {
        IEnumerable<string> both = LocksParent ? [relation, Parent.Sql] : [relation];
        IReadOnlyList<RelationLock> parents =
            Parent.Oid == table.Oid ? [] : Locks.OnAll(Parent, Locks.ShareRowExclusive);
        IReadOnlyList<RelationLock> dropped =
        [
            .. own.Concat(parents).Select(held => Locks.On(held.Relation, Locks.AccessExclusive)),
        ];
        DdlStep add = new()
        {
            Id = _steps.IdOf(stepId),
            Title = $"add foreign key {key.Name} to {Parent.Name}{(suffix.Length > 0 ? ", not yet proven" : "")}",
            PatientLocks = [.. both.Select(each => Locks.Statement(each, Locks.ShareUpdateExclusive))],
            Locks = [.. StrongLocks(relation, Locks.ShareRowExclusive, Locks.ShareRowExclusive)],
            Statements =
            [
                $"ALTER TABLE {relation} ADD CONSTRAINT {Sql.Name(key.Name)} {key.Definition} {suffix}".TrimEnd(),
            ],
            Applied = Conditions.Query(key.On(relation).Exists),
            Impact = new Impact { Locks = [.. own, .. parents], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
        };
        return add with
        {
            Undo =
            [
                add with
                {
                    Id = add.Id + "/undo",
                    Title = $"drop foreign key {key.Name}",
                    Locks = [.. StrongLocks(relation, Locks.AccessExclusive, Locks.AccessExclusive)],
                    Statements = [$"ALTER TABLE {relation} DROP CONSTRAINT IF EXISTS {Sql.Name(key.Name)}"],
                    Applied = Conditions.Query(Conditions.Not(key.On(relation).Exists)),
                    Obstacle = _steps.Altered($"the foreign key {key.Name}", key.On(relation).IsAltered(table.Schema)),
                    Impact = new Impact { Locks = dropped, Cost = Cost.Metadata },
                },
            ],
        };
    }

    private bool LocksParent => Parent.CanLock && Parent.Oid != table.Oid;

    private IEnumerable<string> StrongLocks(string relation, string mode, string parentMode) =>
        [
            .. relation == table.Sql ? Locks.Statements(table, mode) : [Locks.Statement(relation, mode)],
            .. LocksParent ? Locks.Statements(Parent, parentMode) : [],
        ];

    /// <summary>
    /// Up to 17 a partitioned table cannot have an unproven foreign key: each leaf gets and proves one, then the root
    /// uses these without a scan.
    /// </summary>
    private List<Step> OnPartitions()
    {
        List<Step> steps = [];
        foreach (Partition leaf in table.Partitions.Where(partition => partition.Kind == 'r'))
        {
            steps.Add(
                Conditions.UnlessGone(
                    table,
                    leaf,
                    Add(
                        $"{id}/fk-add-{leaf.Schema}.{leaf.Name}",
                        leaf.Sql,
                        "NOT VALID",
                        [Locks.On(leaf.Sql, Locks.ShareRowExclusive)]
                    )
                )
            );
            steps.Add(
                Conditions.UnlessGone(
                    table,
                    leaf,
                    new OnlineStep
                    {
                        Id = _steps.IdOf($"{id}/fk-validate-{leaf.Schema}.{leaf.Name}"),
                        Title = $"prove foreign key {key.Name} of {leaf.Name}",
                        Statement = $"ALTER TABLE {leaf.Sql} VALIDATE CONSTRAINT {Sql.Name(key.Name)}",
                        Applied = Conditions.Query(key.On(leaf.Sql).IsValid),
                        Impact = new Impact
                        {
                            Locks = [Locks.On(leaf.Sql, Locks.ShareUpdateExclusive), .. ReadsParent()],
                            Cost = Cost.Scan,
                        },
                        Estimate = Estimates.Scan(table),
                    }
                )
            );
        }

        steps.Add(Adopt());
        return steps;
    }

    /// <summary>
    /// The root's key replaces the triggers that each partition's own key has on the parent, which needs the parent's
    /// strongest lock.
    /// </summary>
    private DdlStep Adopt()
    {
        DdlStep add = Add($"{id}/fk-root", table.Sql, "", Locks.OnAll(table, Locks.ShareRowExclusive));
        return add with
        {
            Title = $"add foreign key {key.Name} to the root, using the partitions' proven ones",
            Obstacle = _steps.NewLeaf(
                $"foreign key ({string.Join(", ", key.Columns)})",
                Conditions.SomeLeafLacks(
                    table.Sql,
                    $"k.contype = 'f' AND k.confrelid = to_regclass({Sql.Literal(Parent.Sql)})",
                    key.Columns
                )
            ),
            Locks = [.. StrongLocks(table.Sql, Locks.ShareRowExclusive, Locks.AccessExclusive)],
            Impact = add.Impact with
            {
                Locks = [.. Locks.OnAll(table, Locks.ShareRowExclusive), .. Locks.OnAll(Parent, Locks.AccessExclusive)],
            },
        };
    }
}

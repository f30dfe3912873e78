using Segue.Changes;
using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning;

/// <summary>Constraints and indexes of one new column, each without blocking: added unproven, proven online, then made what was asked for.</summary>
internal sealed class Enforce(Table table, NewColumn column, EnforceTarget target)
{
    private readonly Steps _steps = new(table);

    public IEnumerable<Step> NotNull() => target.Server.Major >= 18 ? NotNullByConstraint() : NotNullByCheck();

    public IEnumerable<Step> Check()
    {
        PlannedConstraint check = PlannedConstraint.Check(table.Sql, column.Names.Check, column.Check!);
        yield return _steps.Exclusive(Id("check-add"), $"add CHECK {check.Name}, not yet proven", [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {check.Sql} CHECK {Sql.Parenthesised(column.Change.Check!)} NOT VALID"])
            with { Applied = Conditions.Query(check.Exists), Undo = column.Check!.NamesColumn ? [] : [DropCheck(check)] };
        yield return _steps.Validate(Id("check-validate"), $"prove CHECK {check.Name}", check);
    }

    public IEnumerable<Step> ForeignKey()
    {
        Table parent = target.Parent!;
        string name = column.Names.ForeignKey;
        if (table.IsPartitioned && target.Server.Major < 18)
        {
            return PartitionedForeignKey(name, parent);
        }

        OnlineStep validate = _steps.Validate(Id("fk-validate"), $"prove foreign key {name}", ForeignKeyOf(table.Sql, name));
        return
        [
            AddForeignKey(Id("fk-add"), table.Sql, name, "NOT VALID", Locks.OnAll(table, Locks.ShareRowExclusive)),
            validate with { Impact = validate.Impact with { Locks = [.. validate.Impact.Locks, .. ReadAsParent(parent)] } },
        ];
    }

    public IEnumerable<Step> Index() => table.IsPartitioned ? PartitionedIndex() : [_steps.BuildIndex(Id("index"), IndexOn(table.Sql, table.Schema, column.Names.Index))];

    public IEnumerable<Step> Unique()
    {
        string name = column.Names.Unique;
        PlannedConstraint unique = PlannedConstraint.Unique(table.Sql, name, column.Name);
        OnlineStep build = _steps.BuildIndex(Id("unique-index"), IndexOn(table.Sql, table.Schema, name) with { IsUnique = true });
        yield return build with
        {
            Obstacle = new Obstacle(Conditions.Query(Conditions.Either(Conditions.IndexNameIsTaken(IndexOn(table.Sql, table.Schema, name) with { IsUnique = true }), unique.NameIsTaken)), build.Obstacle!.What),
        };
        yield return _steps.Exclusive(Id("unique-add"), $"add UNIQUE {name} by its index", [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {Sql.Name(name)} UNIQUE USING INDEX {Sql.Name(name)}"])
            with { Applied = Conditions.Query(unique.Exists) };
    }

    /// <summary>The clause after REFERENCES.</summary>
    public static string References(AddColumn change, Table parent, string parentColumn)
    {
        ForeignKeyReference reference = change.References!;
        string deferrable = reference.Deferrable ? $" DEFERRABLE{(reference.InitiallyDeferred ? " INITIALLY DEFERRED" : "")}" : "";
        return $"{parent.Sql} ({Sql.Name(parentColumn)}){Action("DELETE", reference.OnDelete)}{Action("UPDATE", reference.OnUpdate)}{deferrable}";

        static string Action(string @event, ReferentialAction action) => action == ReferentialAction.NoAction
            ? ""
            : $" ON {@event} {Text.SnakeCase(action).Replace('_', ' ').ToUpperInvariant()}";
    }

    /// <summary>One that names the column goes with it.</summary>
    private DdlStep DropCheck(PlannedConstraint check) =>
        _steps.Exclusive(Id("check-add/undo"), $"drop CHECK {check.Name}", [$"ALTER TABLE {table.Sql} DROP CONSTRAINT IF EXISTS {check.Sql}"])
            with { Applied = Conditions.Query(Conditions.Not(check.Exists)) };

    /// <summary>What proving a foreign key takes on its parent; a self-reference takes more already.</summary>
    private IEnumerable<RelationLock> ReadAsParent(Table parent) => parent.Oid == table.Oid
        ? []
        : [Locks.On(parent.Sql, Locks.RowShare), .. parent.Partitions.Select(partition => Locks.On(partition.Sql, Locks.AccessShare))];

    private string Id(string what) => $"enforce/{column.Name}/{what}";

    /// <summary>From 18 on NOT NULL itself can be added unproven. SET NOT NULL on an unproven one would scan under the strong lock.</summary>
    private IEnumerable<Step> NotNullByConstraint()
    {
        PlannedConstraint notNull = PlannedConstraint.NotNull(table.Sql, column.Names.NotNull, column.Name);
        yield return _steps.Exclusive(Id("not-null-add"), $"add NOT NULL {column.Name}, not yet proven", [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {notNull.Sql} NOT NULL {column.Sql} NOT VALID"])
            with { Applied = Conditions.Query(notNull.Exists) };
        yield return _steps.Validate(Id("not-null-validate"), $"prove NOT NULL {column.Name}", notNull);
    }

    /// <summary>Up to 17 a valid CHECK proves it, so that SET NOT NULL needs no scan.</summary>
    private IEnumerable<Step> NotNullByCheck()
    {
        PlannedConstraint check = PlannedConstraint.CheckOf(table.Sql, ObjectNames.NotNullCheck(column.Name, table.Sql), column.Name);
        string set = Conditions.IsNotNull(table.Sql, column.Name);
        yield return _steps.Exclusive(Id("not-null-add"), $"add a CHECK that {column.Name} is not NULL, not yet proven", [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {check.Sql} CHECK ({column.IsNotNull(column.Sql)}) NOT VALID"])
            with { Applied = Conditions.Query(Conditions.Either(set, check.Exists)) };
        yield return _steps.Validate(Id("not-null-validate"), $"prove that {column.Name} is not NULL", check)
            with { Applied = Conditions.Query(Conditions.Either(set, check.IsValid)) };
        yield return _steps.Exclusive(Id("not-null-set"), $"set {column.Name} NOT NULL, proved by the CHECK, and drop that", [
            $"ALTER TABLE {table.Sql} ALTER COLUMN {column.Sql} SET NOT NULL",
            $"ALTER TABLE {table.Sql} DROP CONSTRAINT {check.Sql}",
        ]) with { Applied = Conditions.Query(Conditions.All([set, Conditions.Not(check.Exists)])) };
    }

    private PlannedConstraint ForeignKeyOf(string relation, string name) => PlannedConstraint.ForeignKey(relation, name, column.Change, target);

    private DdlStep AddForeignKey(string id, string relation, string name, string suffix, IReadOnlyList<RelationLock> own)
    {
        Table parent = target.Parent!;
        IEnumerable<string> both = LocksParent ? [relation, parent.Sql] : [relation];
        IReadOnlyList<RelationLock> parents = parent.Oid == table.Oid ? [] : Locks.OnAll(parent, Locks.ShareRowExclusive);
        IReadOnlyList<RelationLock> dropped = [.. own.Concat(parents).Select(held => Locks.On(held.Relation, Locks.AccessExclusive))];
        string[] patient = [.. both.Select(each => Locks.Statement(each, Locks.ShareUpdateExclusive))];
        DdlStep add = new()
        {
            Id = _steps.IdOf(id),
            Title = $"add foreign key {name} to {parent.Name}{(suffix.Length > 0 ? ", not yet proven" : "")}",
            PatientLocks = patient,
            Locks = [.. StrongLocks(relation, Locks.ShareRowExclusive, Locks.ShareRowExclusive)],
            Statements = [$"ALTER TABLE {relation} ADD CONSTRAINT {Sql.Name(name)} FOREIGN KEY ({column.Sql}) REFERENCES {References(column.Change, parent, target.ParentColumn!)} {suffix}".TrimEnd()],
            Applied = Conditions.Query(ForeignKeyOf(relation, name).Exists),
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
                    Title = $"drop foreign key {name}",
                    Locks = [.. StrongLocks(relation, Locks.AccessExclusive, Locks.AccessExclusive)],
                    Statements = [$"ALTER TABLE {relation} DROP CONSTRAINT IF EXISTS {Sql.Name(name)}"],
                    Applied = Conditions.Query(Conditions.Not(ForeignKeyOf(relation, name).Exists)),
                    Impact = new Impact { Locks = dropped, Cost = Cost.Metadata },
                },
            ],
        };
    }

    private bool LocksParent => target.Parent is { CanLock: true } parent && parent.Oid != table.Oid;

    private IEnumerable<string> StrongLocks(string relation, string mode, string parentMode) =>
    [
        .. relation == table.Sql ? Locks.Statements(table, mode) : [Locks.Statement(relation, mode)],
        .. LocksParent ? Locks.Statements(target.Parent!, parentMode) : [],
    ];

    /// <summary>Up to 17 a partitioned table takes no unproven foreign key: each leaf gets and proves one, then the root adopts them without a scan.</summary>
    private IReadOnlyList<Step> PartitionedForeignKey(string name, Table parent)
    {
        List<Step> steps = [];
        foreach (Partition leaf in table.Partitions.Where(partition => partition.Kind == 'r'))
        {
            steps.Add(UnlessGone(leaf, AddForeignKey(Id($"fk-add-{leaf.Schema}.{leaf.Name}"), leaf.Sql, name, "NOT VALID", [Locks.On(leaf.Sql, Locks.ShareRowExclusive)])));
            steps.Add(UnlessGone(leaf, new OnlineStep
            {
                Id = _steps.IdOf(Id($"fk-validate-{leaf.Schema}.{leaf.Name}")),
                Title = $"prove foreign key {name} of {leaf.Name}",
                Statement = $"ALTER TABLE {leaf.Sql} VALIDATE CONSTRAINT {Sql.Name(name)}",
                Applied = Conditions.Query(ForeignKeyOf(leaf.Sql, name).IsValid),
                Impact = new Impact { Locks = [Locks.On(leaf.Sql, Locks.ShareUpdateExclusive), .. ReadAsParent(parent)], Cost = Cost.Scan },
                Estimate = Estimates.Scan(table),
            }));
        }

        steps.Add(AdoptForeignKeys(name, parent));
        return steps;
    }

    /// <summary>Adopting drops the triggers that each partition's own key has on the parent, which takes the parent's strongest lock.</summary>
    private DdlStep AdoptForeignKeys(string name, Table parent)
    {
        DdlStep add = AddForeignKey(Id("fk-root"), table.Sql, name, "", Locks.OnAll(table, Locks.ShareRowExclusive));
        return add with
        {
            Title = $"add foreign key {name} to the root, adopting the partitions' proven ones",
            Locks = [.. StrongLocks(table.Sql, Locks.ShareRowExclusive, Locks.AccessExclusive)],
            Impact = add.Impact with { Locks = [.. Locks.OnAll(table, Locks.ShareRowExclusive), .. Locks.OnAll(parent, Locks.AccessExclusive)] },
        };
    }

    /// <summary>A concurrent build on a root is an error: an empty index on each root, a build on each leaf, then attached upwards.</summary>
    private IEnumerable<Step> PartitionedIndex()
    {
        Dictionary<string, (string Schema, string Index)> indexes = new() { [table.Sql] = (table.Schema, column.Names.Index) };
        yield return RootIndex(table.Sql, table.Schema, column.Names.Index);
        foreach (Partition partition in table.Partitions)
        {
            string index = target.Names.ForRelation(partition.Schema, partition.Name, column.Name, "idx");
            indexes[partition.Sql] = (partition.Schema, index);
            yield return UnlessGone(partition, partition.Kind == 'p'
                ? RootIndex(partition.Sql, partition.Schema, index)
                : _steps.BuildIndex(Id($"index-{partition.Schema}.{partition.Name}"), IndexOn(partition.Sql, partition.Schema, index)));
        }

        foreach (Partition partition in table.Partitions.Reverse())
        {
            (string schema, string index) = indexes[partition.Sql];
            (string parentSchema, string parentIndex) = indexes[partition.Parent];
            string own = Sql.Name(schema, index);
            string above = Sql.Name(parentSchema, parentIndex);
            yield return UnlessGone(partition, new DdlStep
            {
                Id = _steps.IdOf(Id($"index-attach-{partition.Schema}.{partition.Name}")),
                Title = $"attach index {index} to {parentIndex}",
                Statements = [$"ALTER INDEX {above} ATTACH PARTITION {own}"],
                Applied = Conditions.Query(Conditions.IsAttached(above, own)),
                // Whoever plans a query on the partition opens all its indexes, this one too: its lock keeps them out, and waits for them.
                Impact = new Impact
                {
                    Locks = [Locks.On(partition.Parent, Locks.AccessShare), Locks.On(partition.Sql, Locks.AccessShare), Locks.On(own, Locks.AccessExclusive)],
                    Cost = Cost.Metadata,
                },
                Estimate = Estimates.Metadata(table),
            });
        }

        yield return EveryPartitionHas(column.Names.Index);
    }

    /// <summary>Of a partition attached after planning nobody knew; without its part the root's index never becomes valid.</summary>
    private VerifyStep EveryPartitionHas(string index) => new()
    {
        Id = _steps.IdOf(Id("index-verify")),
        Title = $"see that every partition has its part of index {index}",
        Checks =
        [
            new VerifyCheck
            {
                Claim = $"every partition of {table.Name} has its part of index {index}",
                Relation = table.Sql,
                WholeTable = true,
                Query =
                    $"""
                    WITH leaf AS (
                      SELECT tree.relid, EXISTS (SELECT FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(Sql.Name(table.Schema, index))})) part
                                                 JOIN pg_catalog.pg_index i ON i.indexrelid = part.relid WHERE i.indrelid = tree.relid) AS has
                      FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(table.Sql)})) tree WHERE tree.isleaf AND tree.level > 0)
                    SELECT count(*)::bigint, count(*) FILTER (WHERE NOT has)::bigint, ARRAY(SELECT relid::regclass::text FROM leaf WHERE NOT has ORDER BY 1 LIMIT 10) FROM leaf
                    """,
                Remedy = $"They were attached meanwhile. `CREATE INDEX CONCURRENTLY` on {column.Name} of each, `ALTER INDEX {Sql.Name(table.Schema, index)} ATTACH PARTITION` it, then `segue apply` again.",
            },
        ],
        Impact = new Impact { Locks = [.. table.Partitions.Select(partition => Locks.On(partition.Sql, Locks.AccessShare))], Cost = Cost.Metadata },
        Estimate = Estimates.Metadata(table),
    };

    /// <summary>A partition that was dropped or detached since asks for nothing more.</summary>
    private Step UnlessGone(Partition partition, Step step) =>
        step with { Applied = Conditions.Query($"{Conditions.Not(Conditions.IsPartitionOf(table.Sql, partition.Sql))} OR ({step.Applied})") };

    private PlannedIndex IndexOn(string relation, string schema, string name) => new(relation, schema, name, column.Name, IsUnique: false);

    private DdlStep RootIndex(string relation, string schema, string index) => new()
    {
        Id = _steps.IdOf(Id($"index-root-{schema}.{index}")),
        Title = $"create index {index} on the root only",
        PatientLocks = [Locks.Statement($"ONLY {relation}", Locks.ShareUpdateExclusive)],
        Locks = [Locks.Statement($"ONLY {relation}", Locks.Share)],
        Statements = [$"CREATE INDEX {Sql.Name(index)} ON ONLY {relation} ({column.Sql})"],
        Applied = Conditions.Query(Conditions.IndexExists(IndexOn(relation, schema, index))),
        Impact = new Impact { Locks = [Locks.On(relation, Locks.Share)], Cost = Cost.Metadata },
        Estimate = Estimates.Metadata(table),
    };
}

/// <summary>What a column's constraints refer to.</summary>
internal sealed record EnforceTarget(ServerFacts Server, ObjectNames Names, Table? Parent, string? ParentColumn);

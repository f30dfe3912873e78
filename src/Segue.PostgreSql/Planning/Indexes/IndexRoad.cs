using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary>An index of a table, built while apps read and write.</summary>
/// <param name="id">Begins the steps' ids.</param>
/// <param name="isUndone">False if dropping a column drops the index.</param>
internal sealed class IndexRoad(Table table, ObjectNames names, string id, bool isUndone)
{
    private readonly Steps _steps = new(table);

    public IEnumerable<Step> Build(PlannedIndex index)
    {
        if (table.IsPartitioned)
        {
            return OnPartitions(index);
        }

        OnlineStep build = _steps.BuildIndex(id, index);
        return [isUndone ? build with { Undo = [_steps.DropIndex($"{id}/undo", index)] } : build];
    }

    /// <summary>
    /// A concurrent build on a root is an error. So each root gets an empty index, each leaf a build, then these are
    /// attached from the bottom up.
    /// </summary>
    private IEnumerable<Step> OnPartitions(PlannedIndex root)
    {
        Dictionary<string, PlannedIndex> indexes = new() { [table.Sql] = root };
        yield return OnRoot(root, above: null);
        foreach (Partition partition in table.Partitions)
        {
            PlannedIndex index = root with
            {
                Table = partition.Sql,
                Schema = partition.Schema,
                Name = names.Like(root.Name, table.Name, partition),
            };
            indexes[partition.Sql] = index;
            yield return UnlessGone(
                partition,
                partition.Kind == 'p'
                    ? OnRoot(index, indexes[partition.Parent])
                    : OnLeaf(partition, index, indexes[partition.Parent])
            );
        }

        foreach (Partition partition in table.Partitions.Reverse())
        {
            (PlannedIndex own, PlannedIndex above) = (indexes[partition.Sql], indexes[partition.Parent]);
            yield return UnlessGone(
                partition,
                new DdlStep
                {
                    Id = _steps.IdOf($"{id}-attach-{partition.Schema}.{partition.Name}"),
                    Title = $"attach index {own.Name} to {above.Name}",
                    Statements = [$"ALTER INDEX {above.Sql} ATTACH PARTITION {own.Sql}"],
                    Applied = Conditions.Query(Conditions.IsAttached(above.Sql, own.Sql)),
                    // To plan a query on the partition, a session opens all its indexes, also this one: its lock blocks
                    // these sessions, and waits for them.
                    Impact = new Impact
                    {
                        Locks =
                        [
                            Locks.On(partition.Parent, Locks.AccessShare),
                            Locks.On(partition.Sql, Locks.AccessShare),
                            Locks.On(own.Sql, Locks.AccessExclusive),
                        ],
                        Cost = Cost.Metadata,
                    },
                    Estimate = Estimates.Metadata(table),
                }
            );
        }

        yield return EveryPartitionHas(root);
    }

    /// <summary>
    /// A partition that was attached after planning is not in the plan; without its part the root's index never becomes
    /// valid.
    /// </summary>
    private VerifyStep EveryPartitionHas(PlannedIndex index) =>
        new()
        {
            Id = _steps.IdOf($"{id}-verify"),
            Title = $"check that every partition has its part of index {index.Name}",
            Checks =
            [
                new VerifyCheck
                {
                    Claim = $"every partition of {table.Name} has its part of index {index.Name}",
                    Relation = table.Sql,
                    WholeTable = true,
                    Query = $"""
                        WITH leaf AS (
                          SELECT tree.relid, EXISTS (SELECT FROM
                              pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(index.Sql)})) part
                                                     JOIN pg_catalog.pg_index i ON i.indexrelid = part.relid
                                                         WHERE i.indrelid = tree.relid) AS has
                          FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(table.Sql)})) tree
                              WHERE tree.isleaf AND tree.level > 0)
                        SELECT count(*)::bigint, count(*) FILTER (WHERE NOT has)::bigint,
                            ARRAY(SELECT relid::regclass::text FROM leaf WHERE NOT has ORDER BY 1 LIMIT 10) FROM leaf
                        """,
                    Remedy =
                        "These partitions were attached meanwhile. `CREATE "
                        + $"{(index.IsUnique ? "UNIQUE " : "")}INDEX CONCURRENTLY ... "
                        + $"{index.Definition.Sql}` on each, `ALTER INDEX {index.Sql} ATTACH PARTITION` "
                        + "it, then apply again.",
                },
            ],
            Impact = new Impact
            {
                Locks = [.. table.Partitions.Select(partition => Locks.On(partition.Sql, Locks.AccessShare))],
                Cost = Cost.Metadata,
            },
            Estimate = Estimates.Metadata(table),
        };

    private OnlineStep OnLeaf(Partition leaf, PlannedIndex index, PlannedIndex above)
    {
        OnlineStep build = _steps.BuildIndex($"{id}-{leaf.Schema}.{leaf.Name}", index);
        OnlineStep drop = _steps.DropIndex($"{build.Id}/undo", index);

        // Once attached it is dropped with the root's.
        return isUndone
            ? build with
            {
                Undo =
                [
                    drop with
                    {
                        Applied = Conditions.Query(
                            Conditions.Either(Conditions.Not(index.Exists), Conditions.IsAttached(above.Sql, index.Sql))
                        ),
                    },
                ],
            }
            : build;
    }

    private DdlStep OnRoot(PlannedIndex index, PlannedIndex? above)
    {
        string stepId = $"{id}-root-{index.Schema}.{index.Name}";
        DdlStep create = new()
        {
            Id = _steps.IdOf(stepId),
            Title = $"create index {index.Name} on the root only",
            PatientLocks = [Locks.Statement($"ONLY {index.Table}", Locks.ShareUpdateExclusive)],
            Locks = [Locks.Statement($"ONLY {index.Table}", Locks.Share)],
            Statements = [index.Create("ONLY")],
            Applied = Conditions.Query(index.Exists),
            Impact = new Impact { Locks = [Locks.On(index.Table, Locks.Share)], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
        };

        // With all attached parts; there is no concurrent form.
        DdlStep drop = _steps.Exclusive(
            $"{stepId}/undo",
            $"drop index {index.Name} and its parts",
            [$"DROP INDEX IF EXISTS {index.Sql}"]
        ) with
        {
            Applied = Conditions.Query(
                above is null
                    ? Conditions.Not(index.Exists)
                    : Conditions.Either(Conditions.Not(index.Exists), Conditions.IsAttached(above.Sql, index.Sql))
            ),
            Obstacle = _steps.Altered($"the index {index.Name}", index.NameIsTaken),
        };
        return isUndone ? create with { Undo = [drop] } : create;
    }

    /// <summary>A partition that was dropped or detached needs nothing more.</summary>
    private Step UnlessGone(Partition partition, Step step) => Conditions.UnlessGone(table, partition, step);
}

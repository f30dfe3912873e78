using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary><c>replace_index</c>.</summary>
internal sealed class ReplaceIndexPlanning(Draft draft)
{
    private readonly ExistingIndexPlanning _existing = new(draft);

    /// <summary>
    /// The new index is built, then the old one waits at the gate and is dropped. A new one without a name then gets
    /// the name of the old one.
    /// </summary>
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(ReplaceIndex operation)
    {
        if (await _existing.FindAsync(operation.Index, operation) is not { } found)
        {
            return [];
        }

        (ExistingIndex old, Table table) = found;
        CreateIndex by = operation.By with { Table = new TableName(table.Schema, table.Name) };
        (IReadOnlyList<StagedStep> created, PlannedIndex? index) = await new IndexPlanning(draft).CreateAsync(
            by,
            table
        );
        string? takesName =
            operation.By.Name is null && index is not null
                ? Conditions.All([
                    (index with { Name = old.Name }).Exists,
                    Conditions.Not(Conditions.RelationExists(index.Sql)),
                ])
                : null;
        IReadOnlyList<StagedStep> dropped = _existing.Drop(old, table, operation.Title, takesName);
        if (draft.HasProblems || index is null)
        {
            return [];
        }

        Obstacle unused = IsUnused(index);
        return
        [
            .. created,
            .. dropped.Select(each =>
                each is (StageName.Contract, var drop) && operation.UntilUsed
                    ? new StagedStep(each.Stage, drop with { Obstacle = unused })
                    : each
            ),
            .. operation.By.Name is null
                ?
                [
                    new StagedStep(
                        StageName.Contract,
                        ExistingIndexPlanning.Rename(
                            table,
                            index with
                            {
                                Name = old.Name,
                            },
                            "contract/index-name",
                            index.Name,
                            old.Name
                        )
                    ),
                ]
                : Array.Empty<StagedStep>(),
        ];
    }

    private static Obstacle IsUnused(PlannedIndex index) =>
        new(
            "SELECT coalesce((SELECT sum(s.idx_scan) FROM pg_catalog.pg_stat_user_indexes s WHERE "
                + $"s.indexrelid IN (SELECT to_regclass({Sql.Literal(index.Sql)})::oid UNION SELECT relid FROM "
                + $"pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(index.Sql)})))), 0) = 0",
            $"the server has not used {index.Sql} yet (replicas count for themselves). See with EXPLAIN "
                + $"whether it would, and let the app run for a while; or roll the change back"
        );
}

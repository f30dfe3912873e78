using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Partitions;

/// <summary>
/// The road of <c>detach_partition</c>: the gate, then concurrently if the server can do that without making anybody
/// wait, otherwise under short locks.
/// </summary>
internal sealed class DetachPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(DetachPartition operation)
    {
        if (
            await draft.OwnedAsync(operation.Table, operation.Title) is not { } root
            || await draft.OwnedAsync(operation.Partition, operation.Title) is not { } partition
            || !draft.Claim(ClaimKind.Partition, $"{partition.Schema}.{partition.Name}", operation)
        )
        {
            return [];
        }

        if (
            !await draft.Connection.ScalarAsync<bool>($"SELECT {Detachment.IsPartition(root, partition)}", draft.Cancel)
            || !root.IsPartitioned
        )
        {
            draft.Invalid.Add(
                new Problem(
                    operation.Title,
                    $"{partition.Schema}.{partition.Name} is not a partition of {root.Schema}.{root.Name}.",
                    "Name a table and one of its partitions."
                )
            );
            return [];
        }

        PartitionRoot facts = await PartitionRoot.ReadAsync(draft.Connection, root, draft.Cancel);
        (string What, string Remedy)? objection = 0 switch
        {
            _ when partition.IsPartitioned => (
                $"{partition.Name} is partitioned itself.",
                "Detach it in a maintenance window."
            ),
            _ when root.IsPartition => ($"{root.Name} is a partition itself.", "Detach it in a maintenance window."),
            _ when facts.References is [var reference, ..] => (
                $"{root.Name} is referenced by {reference}: the server would search for rows that "
                    + $"reference {partition.Name} while nobody can write.",
                "Drop that foreign key first, with `drop_constraint`."
            ),
            _ => null,
        };
        if (objection is { } found)
        {
            draft.Refused.Add(new Problem(operation.Title, found.What, found.Remedy));
            return [];
        }

        return await PlanAsync(root, facts, partition);
    }

    private async Task<IReadOnlyList<StagedStep>> PlanAsync(Table root, PartitionRoot facts, Table partition)
    {
        List<Table> references = [];
        foreach (TableName name in facts.ForeignKeys.Select(key => key.Reference.Table).Distinct())
        {
            references.Add((await CatalogReader.FindAsync(draft.Connection, name, draft.Cancel))!);
        }

        Table? other = facts.Default is null
            ? null
            : await CatalogReader.FindAsync(draft.Connection, facts.Default, draft.Cancel);
        DdlStep plain = Detachment.Short(root, partition, other?.Oid == partition.Oid ? null : other, references);

        // With foreign keys it would wait for writers of the referenced tables, with all later ones behind it and
        // without a limit.
        bool isConcurrent = other is null && references.Count == 0;
        string meanwhile = isConcurrent
            ? $" The server keeps its bound as a CHECK of {partition.Name}. While the detach waits "
                + $"for a session that uses {partition.Name} by its own name, other sessions that use that name wait "
                + $"behind it; sessions that use {root.Name} do not."
            : "";
        draft.Hazards.Add(
            Hazard.Notice(
                "partition-rows",
                $"Once {partition.Name} is detached, its rows are not visible in {root.Name} any more, and rows of its "
                    + "bound are "
                    + $"rejected{(other is null || other.Oid == partition.Oid ? "" : $", or go to {other.Name}")}. "
                    + $"Attaching it again is a separate change.{meanwhile}"
            )
        );
        return
        [
            new StagedStep(
                StageName.Switch,
                new Steps(partition).Gate(
                    "switch/detach",
                    $"wait until no code needs {partition.Name} in {root.Name}",
                    new GateCondition(GateEvidence.NotUsed, [$"rows of {partition.Name} through {root.Name}"])
                    {
                        Relation = root.Sql,
                    }
                )
            ),
            new StagedStep(
                StageName.Contract,
                isConcurrent
                    ? Concurrent(root, partition, plain)
                    : plain with
                    {
                        Impact = plain.Impact with { Reversible = false },
                    }
            ),
        ];
    }

    /// <summary>
    /// Two transactions of the server's own. If it is interrupted between them, it can only be finished.
    /// </summary>
    private static OnlineStep Concurrent(Table root, Table partition, DdlStep plain) =>
        new()
        {
            Id = plain.Id,
            Title = $"{plain.Title} concurrently",
            Statement = $"ALTER TABLE {root.Sql} DETACH PARTITION {partition.Sql} CONCURRENTLY",
            Applied = plain.Applied,
            Residue = new Residue(
                Conditions.Query(Detachment.IsHalf(root, partition)),
                $"ALTER TABLE {root.Sql} DETACH PARTITION {partition.Sql} FINALIZE"
            ),
            Impact = new Impact
            {
                Locks =
                [
                    Locks.On(root.Sql, Locks.ShareUpdateExclusive),
                    Locks.On(partition.Sql, Locks.AccessExclusive),
                ],
                Cost = Cost.Metadata,
                Reversible = false,
            },
            Estimate = plain.Estimate,
        };
}

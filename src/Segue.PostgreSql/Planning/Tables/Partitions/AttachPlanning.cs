using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Partitions;

/// <summary>Checks whether a table can become a partition, and what it lacks for that.</summary>
internal sealed class AttachPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(AttachPartition operation)
    {
        if (
            await draft.OwnedAsync(operation.Table, operation.Title) is not { } root
            || await draft.OwnedAsync(operation.Partition, operation.Title) is not { } partition
            || !draft.Claim(ClaimKind.Partition, $"{partition.Schema}.{partition.Name}", operation)
            || !IsExpression(operation)
        )
        {
            return [];
        }

        RefuseTables(operation, root, partition);
        if (draft.HasProblems)
        {
            return [];
        }

        PartitionRoot facts = await PartitionRoot.ReadAsync(draft.Connection, root, draft.Cancel);
        Table? other =
            operation.Default || facts.Default is null ? null : await draft.FindAsync(facts.Default, operation.Title);
        Refuse(operation, root, facts, other);
        if (
            draft.HasProblems
            || await new PartitionProbe(draft, root, facts, partition).AskAsync(operation) is not { } answer
        )
        {
            return [];
        }

        await RefuseInvalidIndexesAsync(operation, partition);
        IReadOnlyList<PlannedForeignKey> keys = await ForeignKeysAsync(operation, facts, partition);
        await RefuseMissingIndexesAsync(operation, root, partition, answer.Missing);
        if (draft.HasProblems)
        {
            return [];
        }

        await TryIndexesAsync(operation, partition, answer.Missing);
        if (draft.HasProblems)
        {
            return [];
        }

        await AlteredAsync(partition);
        Tell(root, facts, partition, other, answer);
        return new AttachRoad(draft, root, partition, other, answer)
        {
            Names = await draft.NamesAsync(partition),
            Missing = keys,
            References = await ParentsAsync(facts),
        }.Steps();
    }

    private void RefuseTables(AttachPartition operation, Table root, Table partition)
    {
        draft.Refused.AddRange(Refusals.OfProving(partition, operation.Title));
        if (!root.IsPartitioned)
        {
            draft.Invalid.Add(
                new Problem(
                    operation.Title,
                    $"{root.Schema}.{root.Name} is not partitioned.",
                    "Name a partitioned table."
                )
            );
        }

        if (OfPartition(partition) is { } objection)
        {
            draft.Refused.Add(
                new Problem(operation.Title, $"{partition.Schema}.{partition.Name} {objection.What}", objection.Remedy)
            );
        }
    }

    private async Task RefuseInvalidIndexesAsync(AttachPartition operation, Table partition) =>
        draft.Refused.AddRange(
            (
                await draft.Connection.QueryAsync(
                    "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = $1::oid AND NOT indisvalid",
                    row => row.GetString(0),
                    draft.Cancel,
                    (long)partition.Oid
                )
            ).Select(index => new Problem(
                operation.Title,
                $"the index {index} of {partition.Name} is not valid.",
                $"`REINDEX INDEX CONCURRENTLY {index}` first, or drop it."
            ))
        );

    private async Task RefuseMissingIndexesAsync(
        AttachPartition operation,
        Table root,
        Table partition,
        IReadOnlyList<MissingIndex> missing
    )
    {
        draft.Refused.AddRange(
            missing
                .Where(index => index.Constraint == "EXCLUDE")
                .Select(index => new Problem(
                    operation.Title,
                    $"{root.Name} has an EXCLUDE constraint that {partition.Name} lacks, and its index "
                        + "cannot be built concurrently.",
                    "Give the table the same constraint first: `add_exclusion`, while it is small."
                ))
        );
        draft.Refused.AddRange(
            missing.Count == 0
                ? []
                : await new Rights(draft.Connection, partition, draft.Server, draft.Cancel).ToIndexAsync(
                    "an index",
                    operation.Title
                )
        );
    }

    private async Task TryIndexesAsync(AttachPartition operation, Table partition, IReadOnlyList<MissingIndex> missing)
    {
        foreach (MissingIndex index in missing)
        {
            TableCopy copy = await draft.CopyAsync(partition, $"{operation.Title}: index {index.Name}");
            await new IndexTrial(draft.Connection, partition, copy).TryAsync(
                "rows",
                $"CREATE INDEX {PlannedIndex.ProbeName} ON {copy.Sql} {index.Definition.Text}",
                draft.Server,
                draft.Cancel
            );
            await copy.DropAsync(draft.Cancel);
            draft.Refused.AddRange(copy.Problems);
        }
    }

    private static (string What, string Remedy)? OfPartition(Table partition) =>
        partition switch
        {
            { IsPartition: true } => ("already is a partition.", "Detach it first."),
            { Inherits: true } => ("takes part in inheritance.", "`ALTER TABLE ... NO INHERIT` first."),
            { IsPartitioned: true } => (
                "is partitioned itself: the server would read, or build indexes on, each of its "
                    + "partitions while nobody can use them.",
                "Attach its partitions one by one to the root."
            ),
            { IsTyped: true } => ("is a typed table (OF type).", "`ALTER TABLE ... NOT OF` first."),
            _ => null,
        };

    private void Refuse(AttachPartition operation, Table root, PartitionRoot facts, Table? other)
    {
        (string What, string Remedy)? objection = 0 switch
        {
            _ when root.IsPartition => (
                "is a partition itself, so its own bound applies as well.",
                "Attach the table in a maintenance window."
            ),
            _ when facts.IsHash => (
                "is partitioned by hash: its partitions are created together, and a new one moves rows of the others.",
                "Attach the table in a maintenance window."
            ),
            _ when facts.References is [var reference, ..] => (
                $"is referenced by {reference}: once rows of the partition are referenced, a rollback "
                    + "could not detach it.",
                "Attach the table in a maintenance window."
            ),
            _ when other is { Kind: not 'r' } => (
                $"has the default partition {other.Name}, which is not an ordinary table.",
                "Attach the table in a maintenance window."
            ),
            _ => null,
        };
        if (
            operation.Default
            && draft
                .Change.Operations.OfType<TableOperation>()
                .Count(each => each is AttachPartition or DetachPartition && each.Table.Name == operation.Table.Name)
                > 1
        )
        {
            draft.Invalid.Add(
                new Problem(
                    operation.Title,
                    "the rows of a default partition depend on the other partitions, and this change "
                        + "attaches or detaches another.",
                    "Split them into two changes."
                )
            );
        }

        draft.Refused.AddRange(
            objection is { } found
                ? [new Problem(operation.Title, $"{root.Schema}.{root.Name} {found.What}", found.Remedy)]
                : []
        );
        draft.Refused.AddRange(other is null ? [] : Refusals.OfProving(other, operation.Title));
    }

    /// <summary>Constraints of the root without a proven equal on the table.</summary>
    private async Task<IReadOnlyList<PlannedForeignKey>> ForeignKeysAsync(
        AttachPartition operation,
        PartitionRoot facts,
        Table partition
    )
    {
        IReadOnlyList<RootForeignKey> own = await RootForeignKey.OfAsync(draft.Connection, partition, draft.Cancel);
        List<PlannedForeignKey> missing = [];
        foreach (RootForeignKey key in facts.ForeignKeys)
        {
            if (own.FirstOrDefault(each => each.Definition == key.Definition) is { } same)
            {
                draft.Refused.AddRange(
                    same.IsValid
                        ? []
                        :
                        [
                            new Problem(
                                operation.Title,
                                $"the foreign key {same.Name} of {partition.Name} was never proven.",
                                $"`ALTER TABLE {partition.Sql} VALIDATE CONSTRAINT {Sql.Name(same.Name)}` first."
                            ),
                        ]
                );
                continue;
            }

            ObjectNames names = await draft.NamesAsync(partition);
            TableCopy copy = await draft.CopyAsync(partition, operation.Title);
            PlannedForeignKey? planned = await draft.ForeignKeyAsync(
                copy,
                partition,
                key.Columns,
                key.Reference,
                names.TakeConstraint(key.Name) ? key.Name : names.Free(key.Name)
            );
            await draft.DropAsync(copy);
            missing.AddRange(planned is null ? [] : [planned]);
        }

        return missing;
    }

    /// <summary>To use an existing foreign key, and to create it again, locks the table it references.</summary>
    private async Task<IReadOnlyList<Table>> ParentsAsync(PartitionRoot facts)
    {
        List<Table> parents = [];
        foreach (TableName name in facts.ForeignKeys.Select(key => key.Reference.Table).Distinct())
        {
            parents.Add((await CatalogReader.FindAsync(draft.Connection, name, draft.Cancel))!);
        }

        return parents;
    }

    private void Tell(Table root, PartitionRoot facts, Table partition, Table? other, PartitionAnswer answer)
    {
        draft.Hazards.Add(
            new Hazard(
                "partition-rollback",
                $"A rollback detaches {partition.Name} again with the rows it has then: rows that were "
                    + $"written through {root.Name} meanwhile stay in it and are not visible in {root.Name} "
                    + $"any more. From the attach on, privileges and row security of {root.Name} apply to "
                    + $"sessions that use {root.Name}."
            )
        );
        if (facts.Publications.Count > 0)
        {
            draft.Hazards.Add(
                new Hazard(
                    "published",
                    $"{root.Name} is published ({string.Join(", ", facts.Publications)}): a subscriber "
                        + $"that has no {partition.Name} stops replicating once rows of it arrive. Create it "
                        + "there first."
                )
            );
        }

        if (other is not null && !draft.IsSmall(other))
        {
            draft.Hazards.Add(
                Hazard.Danger(
                    "default-rejects",
                    $"While Segue checks the default partition {other.Name}, it rejects rows that "
                        + $"{answer.Bound} takes. Until then such rows went there. This lasts from the time "
                        + $"its CHECK is added until {partition.Name} is attached. Attach a partition before "
                        + "its rows are written."
                )
            );
        }
    }

    private bool IsExpression(AttachPartition operation)
    {
        if (operation.Values is not { } values || ExpressionText.Objection(values) is not { } objection)
        {
            return true;
        }

        draft.Invalid.Add(
            new Problem(
                $"{operation.Title}: values",
                $"`{values}` is not one bound: {objection}",
                "Write it as in SQL after FOR VALUES, e.g. `FROM (1) TO (10)`."
            )
        );
        return false;
    }

    /// <summary>A partition has no lines in a fingerprint.</summary>
    private async Task AlteredAsync(Table partition)
    {
        string name = (
            await draft.Connection.ScalarAsync<string>(
                "SELECT format('%I.%I', $1, $2)",
                draft.Cancel,
                partition.Schema,
                partition.Name
            )
        )!;
        draft.Drift.Expect([$"table {name} ", $"column {name}.", $"constraint {name}.", $"trigger {name}."]);
    }
}

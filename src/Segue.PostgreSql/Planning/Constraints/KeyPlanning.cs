using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>The roads of <c>add_unique</c> and <c>add_primary_key</c>.</summary>
internal sealed class KeyPlanning(Draft draft)
{
    private readonly ConstraintTargets _targets = new(draft);

    public Task<IReadOnlyList<StagedStep>> AddAsync(AddUnique operation)
    {
        string deferrable = operation.Deferrable
            ? $" DEFERRABLE{(operation.InitiallyDeferred ? " INITIALLY DEFERRED" : "")}"
            : "";
        return AddAsync(
            operation,
            new PlannedKey(
                "UNIQUE",
                "key",
                operation.Name,
                operation.Columns,
                operation.Include,
                operation.NullsNotDistinct,
                deferrable
            )
        );
    }

    public Task<IReadOnlyList<StagedStep>> AddAsync(AddPrimaryKey operation) =>
        AddAsync(
            operation,
            new PlannedKey(
                "PRIMARY KEY",
                "pkey",
                operation.Name,
                operation.Columns,
                operation.Include,
                NullsNotDistinct: false,
                Suffix: ""
            )
        );

    private async Task<IReadOnlyList<StagedStep>> AddAsync(TableOperation operation, PlannedKey key)
    {
        if (
            await _targets.ProvableAsync(operation) is not { } table
            || !_targets.HasColumns(operation, table, key.Columns)
        )
        {
            return [];
        }

        await JudgeAsync(operation, table, key);
        ObjectNames names = await draft.NamesAsync(table);
        string? name = _targets.NameOf(
            operation,
            key.Name,
            names.TakeBoth,
            () =>
                IsPrimary(key)
                    ? names.Free(names.Primary)
                    : names.ForRelation(
                        table.Schema,
                        table.Name,
                        string.Join('_', key.Columns.Concat(key.Include)),
                        key.Label
                    )
        );
        IndexDefinition? definition = await ProbeAsync(operation, table, key);
        if (draft.HasProblems)
        {
            return [];
        }

        draft.Hazards.AddRange(IndexRows.Hazards(name!, definition!));
        return Road(new KeyTarget(table, names, key, name!), definition!, await NullableAsync(table, key));
    }

    private static bool IsPrimary(PlannedKey key) => key.Words == "PRIMARY KEY";

    private async Task JudgeAsync(TableOperation operation, Table table, PlannedKey key)
    {
        if (IsPrimary(key))
        {
            await JudgePrimaryAsync(operation, table, key);
        }

        draft.Refused.AddRange(
            await new Rights(draft.Connection, table, draft.Server, draft.Cancel).ToIndexAsync(
                "its index",
                operation.Title
            )
        );
        if (
            table.IsPartitioned
            && await Refusals.OfPartitionKeyAsync(draft, table, key.Columns, operation.Title) is { } refusal
        )
        {
            draft.Refused.Add(refusal);
        }

        if (table.IsPartitioned && IsPrimary(key) && draft.Server.Major >= 18)
        {
            // Each partition's own key would make inherited NOT NULLs its own permanently.
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"{table.Name} is partitioned. From PostgreSQL 18 on a primary key cannot be added "
                        + "partition by partition without permanently altering the partitions' NOT NULLs, "
                        + "and adding it in one step locks the table while its index is built.",
                    "Use `add_unique` and `alter_column` with `nullable: false`, which enforce the same."
                )
            );
        }
    }

    private async Task JudgePrimaryAsync(TableOperation operation, Table table, PlannedKey key)
    {
        if (table.PrimaryKey.Count > 0)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"{table.Name} already has a primary key ({string.Join(", ", table.PrimaryKey)}).",
                    "Use `add_unique`, or drop that one first."
                )
            );
        }

        draft.Refused.AddRange(
            (await CatalogReader.UnprovenNotNullsAsync(draft.Connection, table, draft.Cancel))
                .Where(notNull => key.Columns.Contains(notNull.Column))
                .Select(notNull => new Problem(
                    operation.Title,
                    $"the NOT NULL {notNull.Name} of {notNull.Column} was never proven, or is not "
                        + "inherited: a primary key cannot use it.",
                    $"`ALTER TABLE {table.Sql} VALIDATE CONSTRAINT {Sql.Name(notNull.Name)}` first, or drop it."
                ))
        );
    }

    /// <summary>The key's index; null, with a problem, if it is impossible.</summary>
    private async Task<IndexDefinition?> ProbeAsync(TableOperation operation, Table table, PlannedKey key)
    {
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        CreateIndex index = new()
        {
            Table = operation.Table,
            Columns = [.. key.Columns.Select(column => new IndexPart { Column = column })],
            Unique = true,
            Include = [.. key.Include],
            NullsNotDistinct = key.NullsNotDistinct,
        };
        (IndexDefinition? definition, _) = await new IndexProbe(draft.Connection, draft.Server, copy, index).AskAsync(
            draft.Cancel
        );
        await draft.DropAsync(copy);
        return definition;
    }

    /// <summary>Columns of a primary key that allow NULL now, those of the same change among them.</summary>
    private async Task<IReadOnlyList<string>> NullableAsync(Table table, PlannedKey key) =>
        IsPrimary(key)
            ?
            [
                .. (await CatalogReader.NullableColumnsAsync(draft.Connection, table, draft.Cancel))
                    .Concat(
                        draft
                            .Columns.GetValueOrDefault(table.Oid, [])
                            .Where(column => column.Change.Nullable)
                            .Select(column => column.Name)
                    )
                    .Intersect(key.Columns),
            ]
            : [];

    private IReadOnlyList<StagedStep> Road(KeyTarget target, IndexDefinition definition, IReadOnlyList<string> nullable)
    {
        (Table table, ObjectNames names, PlannedKey key, string name) = target;
        Proofs proofs = new(table);
        UniqueValues values = UniqueValues.Of(key.Columns);
        KeyRoad road = new(
            table,
            names,
            key,
            IsPrimary(key) ? PlannedConstraint.PrimaryKey : PlannedConstraint.Unique,
            $"enforce/constraint-{name}/{key.Label}"
        );
        return ConstraintTargets.Road(
            table,
            name,
            [
                .. nullable.Select(column => proofs.HasNoNull(column, $"{Sql.Name(column)} IS NOT NULL")),
                proofs.HasNoDuplicates(key.NullsNotDistinct ? values with { Where = "" } : values),
                .. When(definition.LongKeys.Count > 0, () => proofs.FitsIndex(name, definition.LongKeys, where: null)),
            ],
            [],
            [
                .. nullable.SelectMany(column =>
                    new CheckRoad(table, draft.Server, $"enforce/constraint-{name}/{column}").NotNull(
                        column,
                        names.ForRelation(table.Schema, table.Name, column, "not_null"),
                        $"{Sql.Name(column)} IS NOT NULL",
                        isUndone: true
                    )
                ),
                .. road.Add(name, definition),
            ]
        );
    }

    private sealed record KeyTarget(Table Table, ObjectNames Names, PlannedKey Key, string Name);
}

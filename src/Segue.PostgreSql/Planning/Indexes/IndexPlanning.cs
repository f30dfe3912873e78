using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary>
/// <c>create_index</c>.
/// </summary>
internal sealed class IndexPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> CreateAsync(CreateIndex operation) =>
        await draft.OwnedAsync(operation.Table, operation.Title, alsoMatview: true) is { } table
            ? (await CreateAsync(operation, table)).Steps
            : [];

    public async Task<(IReadOnlyList<StagedStep> Steps, PlannedIndex? Index)> CreateAsync(
        CreateIndex operation,
        Table table
    )
    {
        ObjectNames names = await draft.NamesAsync(table);
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        (IndexDefinition? definition, string? name) = await new IndexProbe(
            draft.Connection,
            draft.Server,
            copy,
            operation
        ).AskAsync(draft.Cancel);
        await draft.DropAsync(copy);
        await JudgeAsync(operation, table, names);
        if (draft.HasProblems)
        {
            return ([], null);
        }

        PlannedIndex index = new(
            table.Sql,
            table.Schema,
            operation.Name ?? names.Free(name!),
            definition!,
            operation.Unique
        );
        IEnumerable<Step> build = new IndexRoad(table, names, $"enforce/index-{index.Name}", isUndone: true).Build(
            index
        );
        draft.Hazards.AddRange(IndexRows.Hazards(index.Name, index.Definition));
        VerifyCheck[] proofs = [.. ProofsOf(operation, table, index)];
        string[] evaluated =
        [
            .. operation.Columns.Where(part => part.Expression is not null).Select(part => IndexProbe.ValueOf(part)),
            .. When(operation.Where),
        ];
        return (
            [
                .. When(
                    evaluated.Length > 0 && !table.RowSecurityApplies,
                    () => new StagedStep(StageName.Verify, CanBeBuilt(table, index.Name, operation, evaluated))
                ),
                .. When(proofs.Length > 0, () => new StagedStep(StageName.Verify, Proof(table, index.Name, proofs))),
                .. build.Select(step => new StagedStep(StageName.Enforce, step)),
            ],
            index
        );
    }

    private static VerifyStep Proof(Table table, string index, IReadOnlyList<VerifyCheck> checks) =>
        new Proofs(table).Step($"verify/index-{index}", $"check for rows that violate {index}", checks, []);

    private async Task JudgeAsync(CreateIndex operation, Table table, ObjectNames names)
    {
        draft.Refused.AddRange(
            await new Rights(draft.Connection, table, draft.Server, draft.Cancel).ToIndexAsync(
                "the index",
                operation.Title
            )
        );
        if (operation.Name is { } wanted && !names.Take(wanted))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: name",
                    $"{table.Schema} already has an object of that name.",
                    "Choose another name."
                )
            );
        }

        draft.Refused.AddRange(operation.Unique ? Refusals.OfProving(table, operation.Title) : []);
        if (
            operation.Unique
            && table.IsPartitioned
            && await Refusals.OfPartitionKeyAsync(
                draft,
                table,
                [.. operation.Columns.Select(part => part.Column).OfType<string>()],
                operation.Title
            )
                is { } refusal
        )
        {
            draft.Refused.Add(refusal);
        }
    }

    private static IEnumerable<VerifyCheck> ProofsOf(CreateIndex operation, Table table, PlannedIndex index)
    {
        if (operation.Unique)
        {
            yield return new Proofs(table).HasNoDuplicates(ValuesOf(operation));
        }

        // The value of an expression is not compressed by the table: its size shows nothing.
        string[] columns =
        [
            .. operation.Columns.Select(part => part.Column).OfType<string>().Concat(operation.Include),
        ];
        string[] longKeys =
        [
            .. index.Definition.LongKeys.Where(key => columns.Any(column => key == column || key == Sql.Name(column))),
        ];
        if (longKeys.Length > 0 && !table.RowSecurityApplies)
        {
            yield return new Proofs(table).FitsIndex(index.Name, longKeys, operation.Where);
        }
    }

    /// <summary>
    /// Otherwise the build would fail on a row for which an expression raises an error, without naming it.
    /// </summary>
    private static VerifyStep CanBeBuilt(
        Table table,
        string index,
        CreateIndex operation,
        IReadOnlyList<string> evaluated
    )
    {
        string all = $"num_nulls({string.Join(", ", evaluated.Select(Sql.Parenthesised))})";
        string indexed = operation.Where is { } where ? $"CASE WHEN {Sql.Parenthesised(where)} THEN {all} END" : all;
        return new Proofs(table).Step(
            $"verify/index-{index}-values",
            $"check for rows that {index} cannot be built over",
            [new Proofs(table).CanBeIndexed(index, [indexed])],
            []
        );
    }

    /// <summary>The same values as the index will compare, with its collations.</summary>
    private static UniqueValues ValuesOf(CreateIndex operation)
    {
        string[] keys = [.. operation.Columns.Select(part => IndexProbe.ValueOf(part))];
        IEnumerable<string> conditions =
        [
            .. operation.NullsNotDistinct ? [] : keys.Select(key => $"{key} IS NOT NULL"),
            .. When(operation.Where, where => Sql.Parenthesised(where)),
        ];
        string all = string.Join(" AND ", conditions);
        return new UniqueValues(string.Join(", ", operation.Columns), keys, all.Length == 0 ? "" : $" AND {all}");
    }
}

using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary><c>add_exclusion</c>: on small tables only.</summary>
internal sealed class ExclusionPlanning(Draft draft)
{
    private readonly ConstraintTargets _targets = new(draft);

    /// <summary>
    /// There is no concurrent form: its index is built under the lock, which only a small table allows.
    /// </summary>
    public async Task<IReadOnlyList<StagedStep>> AddAsync(AddExclusion operation)
    {
        if (await _targets.TargetAsync(operation) is not { } table)
        {
            return [];
        }

        await JudgeAsync(operation, table);
        ObjectNames names = await draft.NamesAsync(table);
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        string clause = Clause(operation);
        (string Name, string Definition)? made = await ProbeAsync(operation, copy, clause);
        IndexDefinition? index = made is null ? null : await TryIndexAsync(operation, table, copy);
        await draft.DropAsync(copy);
        string? name = _targets.NameOf(operation, operation.Name, names.TakeBoth, () => names.Free(made!.Value.Name));
        if (draft.HasProblems)
        {
            return [];
        }

        draft.Hazards.AddRange(IndexRows.Hazards(name!, index!));
        PlannedConstraint exclusion = PlannedConstraint.Defined(table.Sql, name!, 'x', made!.Value.Definition);
        return [new StagedStep(StageName.Enforce, Add(table, exclusion, clause))];
    }

    private async Task JudgeAsync(AddExclusion operation, Table table)
    {
        if (!draft.IsSmall(table))
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    "the server can add it only by building its index while nobody can use "
                        + $"{table.Name} ({Plain.Bytes(table.TotalSize.All)}).",
                    "Add it in a maintenance window; or create a new table with it and move the rows over."
                )
            );
        }

        if (table.IsPartitioned)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"{table.Name} is partitioned: such a constraint compares the rows of one partition only.",
                    "Name the partition."
                )
            );
        }

        draft.Refused.AddRange(
            await new Rights(draft.Connection, table, draft.Server, draft.Cancel).ToIndexAsync(
                "its index",
                operation.Title
            )
        );
    }

    /// <summary>Null, with a problem, if the server rejects it.</summary>
    private async Task<(string Name, string Definition)?> ProbeAsync(
        AddExclusion operation,
        TableCopy copy,
        string clause
    )
    {
        bool areExpressions =
            operation.Elements.All(element =>
                (element.Part.Expression is not { } expression || copy.IsExpression("elements", expression))
                && (element.Part.OpClass is not { } opClass || copy.IsExpression("elements", opClass))
            ) && (operation.Where is not { } where || copy.IsExpression("where", where));
        if (!areExpressions)
        {
            return null;
        }

        (string Name, string Definition)? made = null;
        await copy.TryAsync(
            "elements",
            "Compare columns of the table, or expressions over it, by operators that the index method supports.",
            async () =>
            {
                await draft.Connection.ExecuteAsync($"ALTER TABLE {copy.Sql} ADD {clause}", draft.Cancel);
                made = (
                    await draft.Connection.QueryAsync(
                        $"SELECT conname::text, {Printing.Of("pg_get_constraintdef(oid)")} FROM "
                            + "pg_constraint WHERE conrelid = $1::regclass AND contype = 'x'",
                        row => (row.GetString(0), row.GetString(1)),
                        draft.Cancel,
                        copy.Sql
                    )
                )[0];
            },
            draft.Cancel
        );
        return made;
    }

    private async Task<IndexDefinition?> TryIndexAsync(AddExclusion operation, Table table, TableCopy copy)
    {
        string build = IndexProbe.Statement(IndexOf(operation), PlannedIndex.ProbeName, copy.Sql);
        IndexTrial trial = new(draft.Connection, table, copy);
        return await trial.TryAsync("elements", build, draft.Server, draft.Cancel)
            ? await PlannedIndex.ProbeAsync(draft.Connection, build, draft.Cancel)
            : null;
    }

    private static DdlStep Add(Table table, PlannedConstraint exclusion, string clause)
    {
        Steps steps = new(table);
        string id = $"enforce/constraint-{exclusion.Name}/exclusion-add";
        DdlStep add = steps.Exclusive(
            id,
            $"add EXCLUDE {exclusion.Name}",
            [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {exclusion.Sql} {clause}"]
        );
        return add with
        {
            Applied = Conditions.Query(exclusion.Exists),
            Impact = add.Impact with { Cost = Cost.Build },
            Estimate = Estimates.Build(table),
            Undo = [steps.DropConstraint($"{id}/undo", $"drop EXCLUDE {exclusion.Name}", exclusion)],
        };
    }

    private static CreateIndex IndexOf(AddExclusion operation) =>
        new()
        {
            Table = operation.Table,
            Method = operation.Method,
            Columns = [.. operation.Elements.Select(element => element.Part)],
            Include = operation.Include,
            Where = operation.Where,
        };

    /// <summary>Begins with EXCLUDE.</summary>
    public static string Clause(AddExclusion operation)
    {
        string include = operation.Include.Count > 0 ? $" INCLUDE ({Sql.Names(operation.Include)})" : "";
        string where = operation.Where is { } condition ? $" WHERE {Sql.Parenthesised(condition)}" : "";
        string deferrable = operation.Deferrable
            ? $" DEFERRABLE{(operation.InitiallyDeferred ? " INITIALLY DEFERRED" : "")}"
            : "";
        IEnumerable<string> elements = operation.Elements.Select(element =>
            $"{IndexProbe.Part(element.Part)} WITH {element.Operator}"
        );
        return $"EXCLUDE USING {Sql.Name(operation.Method)} ({string.Join(", ", elements)})"
            + $"{include}{where}{deferrable}";
    }
}

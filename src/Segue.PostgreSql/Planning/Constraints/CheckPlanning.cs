using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>
/// <c>add_check</c>: rows that violate it are reported first; then it is added unproven, and proven online.
/// </summary>
internal sealed class CheckPlanning(Draft draft)
{
    private readonly ConstraintTargets _targets = new(draft);

    public async Task<IReadOnlyList<StagedStep>> AddAsync(AddCheck operation)
    {
        if (await _targets.ProvableAsync(operation) is not { } table)
        {
            return [];
        }

        if (operation.NoInherit && table.IsPartitioned)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: no_inherit",
                    $"{table.Name} is partitioned: its CHECK must hold for every partition.",
                    "Leave `no_inherit` out."
                )
            );
        }

        ObjectNames names = await draft.NamesAsync(table);
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        (PlannedCheck? check, string? chosen) = await ProbeAsync(operation, copy);
        await draft.DropAsync(copy);
        string? name = _targets.NameOf(operation, operation.Name, names.TakeConstraint, () => names.Free(chosen!));
        if (draft.HasProblems)
        {
            return [];
        }

        string definition = $"CHECK {Sql.Parenthesised(operation.Check)}{(operation.NoInherit ? " NO INHERIT" : "")}";
        return ConstraintTargets.Road(
            table,
            name!,
            [new Proofs(table).Satisfies(name!, operation.Check)],
            [],
            new CheckRoad(table, draft.Server, $"enforce/constraint-{name}").Check(
                PlannedConstraint.Check(table.Sql, name!, check!),
                definition,
                isUndone: true
            )
        );
    }

    /// <returns>The check, and the name that the server chooses for it; null, with a problem, if it is
    /// rejected.</returns>
    private async Task<(PlannedCheck? Check, string? Name)> ProbeAsync(AddCheck operation, TableCopy copy)
    {
        PlannedCheck? check = null;
        string? chosen = null;
        if (copy.IsExpression("check", operation.Check))
        {
            await copy.TryAsync(
                "check",
                "Write a boolean expression over the table's columns.",
                async () =>
                {
                    await draft.Connection.ExecuteAsync(
                        $"ALTER TABLE {copy.Sql} ADD CHECK {Sql.Parenthesised(operation.Check)}",
                        draft.Cancel
                    );
                    chosen = await draft.Connection.ScalarAsync<string>(
                        "SELECT conname::text FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'",
                        draft.Cancel,
                        copy.Sql
                    );
                    check = await PlannedCheck.ProbeAsync(
                        draft.Connection,
                        copy.Sql,
                        "",
                        operation.Check,
                        draft.Cancel
                    );
                },
                draft.Cancel
            );
        }

        return (check, chosen);
    }
}

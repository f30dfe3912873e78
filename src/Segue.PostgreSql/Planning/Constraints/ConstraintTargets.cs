using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>What constraints of all kinds require of their table, and their stages.</summary>
internal sealed class ConstraintTargets(Draft draft)
{
    /// <param name="repairedBy">The fill to run again for rows that violate it; null for none.</param>
    public static IReadOnlyList<StagedStep> Road(
        Table table,
        string name,
        IReadOnlyList<VerifyCheck> proofs,
        IEnumerable<RelationLock> reads,
        IEnumerable<Step> enforce,
        string? repairedBy = null
    ) =>
        [
            new StagedStep(
                StageName.Verify,
                new Proofs(table).Step(
                    $"verify/constraint-{name}",
                    $"check for rows that violate {name}",
                    proofs,
                    reads
                ) with
                {
                    RepairedBy = repairedBy,
                }
            ),
            .. enforce.Select(step => new StagedStep(StageName.Enforce, step)),
        ];

    /// <summary>Its rows will be read for the proof.</summary>
    public async Task<Table?> ProvableAsync(TableOperation operation)
    {
        Table? table = await TargetAsync(operation);
        draft.Refused.AddRange(table is null ? [] : Refusals.OfProving(table, operation.Title));
        return table;
    }

    public async Task<Table?> TargetAsync(TableOperation operation)
    {
        if (await draft.OwnedAsync(operation.Table, operation.Title) is not { } table)
        {
            return null;
        }

        if (table.Inherits)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"{table.Schema}.{table.Name} takes part in inheritance, where a constraint may come "
                        + "from several parents.",
                    "Add the constraint manually on each table."
                )
            );
            return null;
        }

        return table;
    }

    public bool HasColumns(TableOperation operation, Table table, IReadOnlyList<string> columns)
    {
        string[] known =
        [
            .. table.Columns,
            .. draft.Columns.GetValueOrDefault(table.Oid, []).Select(column => column.Name),
        ];
        string[] unknown = [.. columns.Except(known)];
        draft.Invalid.AddRange(
            unknown.Select(column => new Problem(
                $"{operation.Title}: columns",
                $"{table.Schema}.{table.Name} has no column {column}.",
                MeantNames.OfColumn(column, known)
            ))
        );
        return unknown.Length == 0;
    }

    /// <summary>Null, with a problem, if the wanted name is taken; without one the server's naming scheme.</summary>
    public string? NameOf(TableOperation operation, string? wanted, Func<string, bool> take, Func<string> choose)
    {
        if (wanted is null)
        {
            return draft.HasProblems ? null : choose();
        }

        if (take(wanted))
        {
            return wanted;
        }

        draft.Invalid.Add(
            new Problem(
                $"{operation.Title}: name",
                $"{operation.Table}, or its schema, already has an object named {wanted}.",
                "Choose another name."
            )
        );
        return null;
    }
}

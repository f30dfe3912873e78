using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Explaining;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>Compares the declared effects of a statement with the measured ones.</summary>
internal sealed class DeclaredEffects(Draft draft, RawSql operation)
{
    private readonly List<(Table Table, string Mode, Cost Work)> _declared = [];

    public async Task ReadAsync()
    {
        foreach (DeclaredEffect each in operation.Effect)
        {
            string mode = string.Join(
                    ' ',
                    each.Lock.Replace('_', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries)
                )
                .ToUpperInvariant();
            if (Locks.Strength(mode) < 0)
            {
                draft.Invalid.Add(
                    new Problem(
                        $"{operation.Title}: effect",
                        $"there is no lock named {each.Lock}.",
                        $"Write one of {string.Join(", ", Locks.All.Select(known => known.ToLowerInvariant()))}."
                    )
                );
            }
            else if (await draft.FindAsync(each.Table, $"{operation.Title}: effect") is { } table)
            {
                _declared.Add(
                    (
                        await InheritanceTrees.WithHeirsAsync(draft.Connection, table, draft.Cancel),
                        mode,
                        CostOf(each.Work)
                    )
                );
            }
        }
    }

    /// <summary>
    /// For code that cannot be inspected only the declared effects are known; an undeclared lock fails the step at run
    /// time.
    /// </summary>
    public StatementEffect With(StatementEffect effect) =>
        effect.Calls.Count == 0
            ? effect
            : effect with
            {
                Locks =
                [
                    .. effect
                        .Locks.Concat(
                            _declared.SelectMany(each =>
                                each.Table.AllRelations().Select(relation => Locks.On(relation, each.Mode))
                            )
                        )
                        .GroupBy(held => held.Relation)
                        .Select(same => same.MaxBy(held => Locks.Strength(held.Mode))!),
                ],
                Work =
                [
                    .. effect.Work,
                    .. _declared
                        .Where(each => each.Work != Cost.Metadata)
                        .Select(each => MeasuredWork.On(each.Table, each.Work)),
                ],
            };

    /// <param name="effects">Of the statement, and of the one that undoes it: the stronger effect of both is
    /// declared.</param>
    public void Compare(IReadOnlyList<StatementEffect> effects)
    {
        RelationLock[] locks =
        [
            .. effects
                .SelectMany(effect => effect.Locks)
                .GroupBy(held => held.Relation)
                .Select(same => same.MaxBy(held => Locks.Strength(held.Mode))!),
        ];
        RelationWork[] work = [.. effects.SelectMany(effect => effect.Work)];
        draft.Refused.AddRange(
            _declared.SelectMany(each => Differences(each.Table, each.Mode, each.Work, locks, work))
        );
        string[] known = [.. _declared.SelectMany(each => each.Table.AllRelations())];
        draft.Refused.AddRange(
            locks
                .Where(held =>
                    Locks.Strength(held.Mode) >= Locks.Strength(Locks.ShareUpdateExclusive)
                    && !known.Contains(held.Relation)
                )
                .Select(held => new Problem(
                    operation.Title,
                    $"it takes {held.Mode} on {held.Relation}, which is not declared.",
                    $"If that is intended, add to `effect`: {{ table: ..., lock: "
                        + $"{held.Mode.ToLowerInvariant()}{WorkOf(work, held.Relation)} }}."
                ))
        );
    }

    private static string WorkOf(IReadOnlyList<RelationWork> work, string relation) =>
        work.FirstOrDefault(each => each.Relation == relation) is { } found
            ? $", work: {Text.SnakeCase(found.Cost)}"
            : "";

    private IEnumerable<Problem> Differences(
        Table table,
        string mode,
        Cost declared,
        RelationLock[] locks,
        RelationWork[] work
    )
    {
        string? taken = locks.FirstOrDefault(held => held.Relation == table.Sql)?.Mode;
        if (taken != mode)
        {
            yield return new Problem(
                operation.Title,
                $"{mode} on {table.Sql} is declared, but the statement takes {taken ?? "no lock there"}.",
                "Declare what it really does."
            );
        }

        RelationWork? most = work.Where(each => table.AllRelations().Contains(each.Relation)).MaxBy(each => each.Cost);
        if ((most?.Cost ?? Cost.Metadata) != declared)
        {
            yield return new Problem(
                operation.Title,
                $"work: {Name(declared)} is declared for {table.Sql}, but it is "
                    + $"{Name(most?.Cost ?? Cost.Metadata)}{(most is null ? "" : $" ({most.Does})")}.",
                "Declare what it really does."
            );
        }
    }

    private static string Name(Cost work) => work == Cost.Metadata ? "none" : Text.SnakeCase(work);

    private static Cost CostOf(DeclaredWork work) =>
        work switch
        {
            DeclaredWork.Scan => Cost.Scan,
            DeclaredWork.Build => Cost.Build,
            DeclaredWork.Rewrite => Cost.Rewrite,
            _ => Cost.Metadata,
        };
}

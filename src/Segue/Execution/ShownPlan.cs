using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>
/// Checks under the lease, before the plan that was shown begins, that planning now would still give this plan.
/// </summary>
internal sealed class ShownPlan(IEngine engine)
{
    /// <summary>The tables of the plan and the other changes under way, a line each.</summary>
    private async Task<IReadOnlyList<string>> LookAsync(Plan plan, CancellationToken cancel) =>
        await WithTablesAsync(plan, await OthersAsync(plan.Change, cancel), cancel);

    /// <summary>The tables of the plan, beside what was seen of other changes before it was planned.</summary>
    public async Task<IReadOnlyList<string>> WithTablesAsync(
        Plan plan,
        IReadOnlyList<string> others,
        CancellationToken cancel
    )
    {
        IReadOnlyList<string> tables = await TablesNow.LookAsync(engine.Execution, engine.Records.Ledger, plan, cancel);
        return [.. tables.Concat(others).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Other changes under way, a line each. Read before planning: one that begins during it was not considered.
    /// </summary>
    public async Task<IReadOnlyList<string>> OthersAsync(string change, CancellationToken cancel)
    {
        IReadOnlyList<ChangeRecord> changes = await engine.Records.Ledger.ExistsAsync(cancel)
            ? await engine.Records.Ledger.ListAsync(cancel)
            : [];
        return
        [
            .. changes
                .Where(record => record.Name != change)
                .Where(record => record.Status is not (ChangeStatus.Completed or ChangeStatus.RolledBack))
                .Select(record => $"change {record.Name} {record.PlanHash}"),
        ];
    }

    /// <summary>Null where the plan may begin; else why not, with nothing written.</summary>
    public async Task<RunOutcome?> ObjectionAsync(PlannedChange shown, CancellationToken cancel)
    {
        string change = shown.Change.Name;
        if (shown.Plan.Change != change || shown.Plan.ChangeHash != shown.Change.ContentHash)
        {
            return RunOutcome.Refused.For(
                change,
                $"the plan was made from another change file (change {shown.Plan.Change}, content hash "
                    + $"{shown.Plan.ChangeHash}).",
                "Plan the change again and apply the new plan.",
                NextAction.Plan(change)
            );
        }

        if (shown.Plan.Engine != engine.Name)
        {
            return RunOutcome.Refused.For(
                change,
                $"the plan was made for {shown.Plan.Engine}, and this database runs {engine.Name}.",
                "Plan the change again for this database and apply the new plan.",
                NextAction.Plan(change)
            );
        }

        IReadOnlyList<string> now = await LookAsync(shown.Plan, cancel);
        bool isAsSeen = shown.Seen is { } seen && now.SequenceEqual(seen) && !shown.Plan.Fingerprint.Except(now).Any();
        return isAsSeen ? null : await AnotherPlanAsync(shown, now, cancel);
    }

    /// <summary>A difference may not concern this plan. Planning again decides that.</summary>
    private async Task<RunOutcome?> AnotherPlanAsync(
        PlannedChange shown,
        IReadOnlyList<string> now,
        CancellationToken cancel
    ) =>
        await engine.Planner.PlanAsync(shown.Change, shown.Options, cancel) switch
        {
            PlanOutcome.Invalid invalid => new RunOutcome.Invalid(invalid.Problems),
            PlanOutcome.Refused refused => new RunOutcome.Refused(refused.Problems),
            PlanOutcome.Planned planned when PlanJson.Hash(planned.Plan) == shown.Hash => null,
            PlanOutcome.Planned planned => RunOutcome.Refused.For(
                shown.Change.Name,
                "the database changed after the plan was shown, and the plan is another one now (hash "
                    + $"{PlanJson.Hash(planned.Plan)} instead of {shown.Hash}). {WhatChanged(shown, now)}"
                    + "Nothing was changed.",
                "Check the new plan, then apply it.",
                NextAction.Plan(shown.Change.Name),
                NextAction.Apply(shown.Change.Name)
            ),
            var other => throw new System.Diagnostics.UnreachableException($"{other.GetType()}"),
        };

    private static string WhatChanged(PlannedChange shown, IReadOnlyList<string> now)
    {
        string[] gone = [.. (shown.Seen ?? shown.Plan.Fingerprint).Except(now)];
        string[] added = [.. now.Except(shown.Seen ?? now)];
        string removed = gone.Length == 0 ? "" : $"Gone or altered: {string.Join("; ", gone)}. ";
        return added.Length == 0 ? removed : $"{removed}New: {string.Join("; ", added)}. ";
    }
}

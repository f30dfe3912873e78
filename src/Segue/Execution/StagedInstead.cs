using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>The way on for a small table whose one short transaction does not fit into the time for which locks may be held: the same change in stages.</summary>
internal sealed class StagedInstead(IEngine engine, Action<RunEvent> emit)
{
    /// <summary>The plan in stages, with the attempt ended as rolled back; null where something of the change is done already, or there is no other plan.</summary>
    public async Task<Plan?> PlanAsync(Change change, PlanOptions planning, Lease lease, CancellationToken cancel)
    {
        if (await engine.Ledger.FindAsync(change.Name, cancel) is not { } record || (await engine.Ledger.StepsAsync(change.Name, cancel)).Any(step => step.State == StepState.Done))
        {
            return null;
        }

        if (await engine.Planner.PlanAsync(change, planning with { SmallTableBytes = 0 }, cancel) is not PlanOutcome.Planned { Plan: var plan } || PlanJson.Hash(plan) == record.PlanHash)
        {
            return null;
        }

        await engine.Ledger.SetStatusAsync(change.Name, new ChangeProgress(ChangeStatus.RolledBack), lease, cancel);
        return plan;
    }

    /// <param name="tooLong">The step that did not fit, in a sentence.</param>
    public Plan Told(Plan plan, string tooLong)
    {
        emit(new RunEvent.Note($"{tooLong} The change is planned anew: in stages, with rows filled in small batches (plan {PlanJson.Hash(plan)})."));
        return plan;
    }

    /// <param name="tooLong">The step that did not fit, in a sentence.</param>
    public static RunOutcome.Refused NeedsApproval(string change, string tooLong) => RunOutcome.Refused.For(
        change,
        $"{tooLong} The change can be done in stages, which is another plan than the approved one.",
        $"`segue plan {change} --small-table 0B` shows that plan. Approve it, then "
        + $"`segue apply {change} --small-table 0B --plan-hash HASH`.");
}

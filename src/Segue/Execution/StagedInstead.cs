using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>
/// The alternative for a small table whose single transaction exceeds the hold budget, or in which a row raises an
/// error: the same change in stages, which leave such rows as they are and report them.
/// </summary>
internal sealed class StagedInstead(IEngine engine, Action<RunEvent> emit, TimeProvider time)
{
    /// <summary>
    /// The plan in stages, after the attempt is recorded as rolled back. Null if part of the change is done already, or
    /// there is no other plan.
    /// </summary>
    public async Task<Plan?> PlanAsync(Change change, PlanOptions planning, Lease lease, CancellationToken cancel)
    {
        if (
            await engine.Records.Ledger.FindAsync(change.Name, cancel) is not { } record
            || await IsBegunAsync(record, cancel)
        )
        {
            return null;
        }

        if (
            await engine.Planner.PlanAsync(change, planning with { Staged = true }, cancel)
                is not PlanOutcome.Planned { Plan: var plan }
            || PlanJson.Hash(plan) == record.PlanHash
        )
        {
            return null;
        }

        await engine.Records.Ledger.SetStatusAsync(
            change.Name,
            new ChangeProgress(ChangeStatus.RolledBack),
            lease,
            cancel
        );
        return plan;
    }

    /// <summary>
    /// Reasons to refuse a new plan now, such as rows that raise an error, by their keys; null if it would not be
    /// refused.
    /// </summary>
    public async Task<RunOutcome.Failed?> ObjectionAsync(
        Change change,
        PlanOptions planning,
        RunOutcome.Failed failed,
        Lease lease,
        CancellationToken cancel
    )
    {
        if (await engine.Planner.PlanAsync(change, planning, cancel) is not PlanOutcome.Refused refused)
        {
            return null;
        }

        IEnumerable<string> objections = refused.Problems.Select(problem => $"{problem.What} {problem.Remedy}");
        RunOutcome.Failed told = failed with { Message = string.Join(" ", [failed.Message, .. objections]) };
        ChangeRecord? record = await engine.Records.Ledger.FindAsync(change.Name, cancel);
        ChangeProgress progress = new(ChangeStatus.Failed) { Stage = record?.Stage, Error = told.Message };
        await engine.Records.Ledger.SetStatusAsync(change.Name, progress, lease, cancel);
        return told;
    }

    private async Task<bool> IsBegunAsync(ChangeRecord record, CancellationToken cancel)
    {
        ILedger ledger = engine.Records.Ledger;
        if ((await StoredPlan.ReadAsync(ledger, record.Name, record.PlanHash, cancel)).Plan is not { } begun)
        {
            return true;
        }

        UnrecordedWork unrecorded = new(engine.Execution, time);
        foreach (StepRecord step in await ledger.StepsAsync(record.Name, cancel))
        {
            Step? planned = begun.Steps().FirstOrDefault(each => each.Id == step.Id);
            if (
                step.State == StepState.Done
                || (planned is not null && await unrecorded.IsThereAsync(planned, step.State, cancel))
            )
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="failure">The step that failed, in a sentence.</param>
    public Plan Told(Plan plan, string failure)
    {
        emit(
            new RunEvent.Note(
                $"{failure} The change is planned again: in stages, with rows filled in small batches "
                    + $"(plan {PlanJson.Hash(plan)})."
            )
        );
        return plan;
    }

    /// <param name="failure">The step that failed, in a sentence.</param>
    public static RunOutcome.Refused NeedsApproval(string change, string failure) =>
        RunOutcome.Refused.For(
            change,
            $"{failure} The change can run in stages, but that is another plan than the one that was shown.",
            "Plan it in stages, approve that plan, then apply it in stages with its hash.",
            NextAction.Plan(change) with
            {
                InStages = true,
            },
            NextAction.Apply(change) with
            {
                InStages = true,
            }
        );
}

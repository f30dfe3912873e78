using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>The plan a change was begun with, and a record of each of its steps in the ledger.</summary>
internal sealed class WholePlan(IEngine engine, EventDelivery events)
{
    /// <summary>Restores missing records of the plan's steps.</summary>
    public async Task<(Plan? Plan, RunOutcome.Refused? Altered)> ReadAsync(
        ChangeRecord record,
        Lease lease,
        CancellationToken cancel
    )
    {
        (Plan? plan, RunOutcome.Refused? altered) = await StoredPlan.ReadAsync(
            engine.Records.Ledger,
            record.Name,
            record.PlanHash,
            cancel
        );
        HashSet<string> known =
        [
            .. (await engine.Records.Ledger.StepsAsync(record.Name, cancel)).Select(step => step.Id),
        ];
        Step[] lacking = [.. (plan?.Steps() ?? []).Where(step => !known.Contains(step.Id))];
        if (lacking.Length == 0)
        {
            return (plan, altered);
        }

        HashSet<string> shown = [];
        foreach (Step step in lacking.Where(step => step is { Applied: not null, CountsOnlyIfRecorded: false }))
        {
            if (await engine.Execution.Questions.AskAsync(step.Applied!, cancel))
            {
                shown.Add(step.Id);
            }
        }

        events.About(record.Name)(
            new RunEvent.Note(
                $"The ledger lacks {Plain.Count(lacking.Length)} steps of {record.Name}: their records are "
                    + "rebuilt from its events, or from the catalog."
            )
        );
        await engine.Records.Ledger.MendStepsAsync(plan!, shown, lease, cancel);
        return (plan, altered);
    }
}

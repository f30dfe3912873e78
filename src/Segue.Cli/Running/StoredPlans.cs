using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Running;

/// <summary>The plan a change was begun with, for a verb that shows it.</summary>
internal static class StoredPlans
{
    public static async Task<Result<Plan>> ReadAsync(Session session, ChangeRecord record, CancellationToken cancel)
    {
        (Plan? plan, RunOutcome.Refused? altered) = await StoredPlan.ReadAsync(
            session.Engine.Records.Ledger,
            record.Name,
            record.PlanHash,
            cancel
        );
        return plan is null ? new Failure(ExitCode.Refused, altered!.Problems) : plan;
    }
}

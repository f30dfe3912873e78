using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Runs before each stage: the stored plan is unaltered, and the tables are as planned.</summary>
internal sealed class PlanCheck(RunContext run, string storedHash)
{
    /// <summary>
    /// Null if both hold. Tables are not compared once the change itself has begun to drop parts of them.
    /// </summary>
    public async Task<RunOutcome?> FindAsync(bool isContracting, CancellationToken cancel)
    {
        if (await FindAlteredAsync(cancel) is { } altered)
        {
            return altered;
        }

        if (isContracting)
        {
            return null;
        }

        HashSet<string> now = [.. await TablesNow.LookAsync(run.Execution, run.Records.Ledger, run.Plan, cancel)];
        string[] gone = [.. run.Plan.Fingerprint.Where(line => !now.Contains(line))];
        if (gone.Length == 0)
        {
            return null;
        }

        string what = $"the schema differs from the plan. Missing or altered: {string.Join("; ", gone)}.";
        await run.SetStatusAsync(new ChangeProgress(ChangeStatus.Failed) { Error = what }, cancel);
        return RunOutcome.Refused.For(
            run.Plan.Change,
            what,
            "Restore it and apply again, or roll back and plan again.",
            NextAction.Apply(run.Plan.Change),
            NextAction.Rollback(run.Plan.Change)
        );
    }

    /// <summary>Null if the stored plan is unaltered.</summary>
    public async Task<RunOutcome?> FindAlteredAsync(CancellationToken cancel) =>
        (await StoredPlan.ReadAsync(run.Records.Ledger, run.Plan.Change, storedHash, cancel)).Altered;
}

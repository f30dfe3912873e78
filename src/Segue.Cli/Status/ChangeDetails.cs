using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Status;

/// <summary>All that the ledger knows of one change.</summary>
internal sealed record ChangeDetails(ChangeRecord Record, Standing Standing, IReadOnlyDictionary<string, string> Titles, IReadOnlyList<StepRecord> Steps, IReadOnlyList<LedgerEvent> Events)
{
    private const int EventsShown = 20;

    /// <returns>Null when the ledger does not know the change.</returns>
    public static async Task<ChangeDetails?> ReadAsync(ILedger ledger, string change, CancellationToken cancel)
    {
        if (!await ledger.ExistsAsync(cancel) || await ledger.FindAsync(change, cancel) is not { } record)
        {
            return null;
        }

        (Plan? plan, _) = await StoredPlan.ReadAsync(ledger, change, record.PlanHash, cancel);
        return new ChangeDetails(
            record,
            Standings.Of(record, await ledger.BackfillsAsync(change, cancel), await ledger.RetainedAsync(cancel)),
            plan?.Steps().ToDictionary(step => step.Id, step => step.Title) ?? [],
            await ledger.StepsAsync(change, cancel),
            await ledger.EventsAsync(change, EventsShown, cancel));
    }
}

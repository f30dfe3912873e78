using System.Data.Common;
using Segue.Engines;
using Segue.Ledger;

namespace Segue.Execution;

/// <summary>What became of a runner's lease and of what it wrote.</summary>
internal sealed class Succession(IEngine engine, string change, Lease lease)
{
    /// <summary>
    /// Null when the lease is in force and the ledger holds all that was written; else how the run ends.
    /// </summary>
    public async Task<RunOutcome?> FindAsync(CancellationToken cancel)
    {
        string? forgotten = await engine.Records.Ledger.ForgottenAsync(cancel);
        bool hasLedger = await engine.Records.Ledger.ExistsAsync(cancel);
        LeaseHolder? holder = hasLedger ? await engine.Records.Leases.HolderAsync(cancel) : null;
        if (holder?.Token != lease.Token)
        {
            if (holder is { IsAlive: true })
            {
                return new RunOutcome.AnotherRunner(holder);
            }

            forgotten ??= holder is null || holder.AcquiredAt <= lease.AcquiredAt ? "its lease" : null;
        }
        else if (forgotten is null)
        {
            return null;
        }

        ChangeRecord? record = hasLedger ? await engine.Records.Ledger.FindAsync(change, cancel) : null;
        (string state, string remedy) = StateOf(record);
        return forgotten is null
            ? new RunOutcome.TakenOver($"{TakenOver(holder!)} {state}", remedy)
            : new RunOutcome.Forgotten(
                $"the ledger no longer holds what this runner had written ({forgotten}). A failover to a server "
                    + "that had not received it, a restore, or somebody who altered the ledger removed it. "
                    + $"This runner has stopped and has not started again. {state}",
                remedy
            );
    }

    /// <summary>How a run ends whose lease was found to be lost.</summary>
    public async Task<RunOutcome> AfterLossAsync()
    {
        const string Lost = "This runner lost its lease and has written nothing since.";
        try
        {
            return await FindAsync(CancellationToken.None) ?? new RunOutcome.Failed(Lost);
        }
        catch (DbException error)
        {
            return new RunOutcome.Failed(
                $"{Lost} What became of the change could not be asked: {engine.Execution.Describe(error)}"
            );
        }
    }

    private static string TakenOver(LeaseHolder successor)
    {
        string who = successor.Runner.Length > 0 ? successor.Runner : "another runner";
        return $"this runner did not renew its lease in time: {who} took over at {successor.AcquiredAt:u}, "
            + "and has ended since. This runner wrote nothing after that.";
    }

    private (string State, string Remedy) StateOf(ChangeRecord? record) =>
        record switch
        {
            null => ("The change is unknown there.", $"`segue apply {change}` begins it."),
            { Status: ChangeStatus.RolledBack } => (
                "The change is rolled back.",
                $"`segue apply {change}` begins it anew."
            ),
            { Status: ChangeStatus.Completed } => ("The change is completed.", "Nothing is left to do."),
            { Status: ChangeStatus.Waiting, Gate: { } gate } => (
                $"The change waits: {gate.TrimEnd('.')}.",
                $"`segue status {change}` shows it."
            ),
            { RollingBack: true } => (
                "The change is being rolled back.",
                $"`segue rollback {change}` goes on from there."
            ),
            _ => ($"The change is in stage {record.Stage ?? "expand"}.", $"`segue apply {change}` goes on from there."),
        };
}

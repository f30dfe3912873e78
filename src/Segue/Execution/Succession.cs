using System.Data.Common;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>The state of a runner's lease and of its writes.</summary>
internal sealed class Succession(IEngine engine, string change, Lease lease)
{
    /// <summary>
    /// Null if the lease is valid and the ledger contains all writes; otherwise the outcome of the run.
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
        (string state, string remedy, NextAction? next) = StateOf(record);
        return forgotten is null
            ? new RunOutcome.TakenOver($"{TakenOver(holder!)} {state}", remedy) { Next = Listed(next) }
            : new RunOutcome.Forgotten(
                $"the ledger no longer contains what this runner had written ({forgotten}). Possible "
                    + "causes: a failover to a server that had not received it, a restore, or a manual "
                    + $"change of the ledger. This runner has stopped and has not started again. {state}",
                remedy
            )
            {
                Next = Listed(next),
            };
    }

    /// <summary>The outcome of a run that has lost its lease.</summary>
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
                $"{Lost} The state of the change could not be read: {engine.Execution.Describe(error)}"
            );
        }
    }

    private static IReadOnlyList<NextAction> Listed(NextAction? next) => next is null ? [] : [next];

    private static string TakenOver(LeaseHolder successor)
    {
        string who = successor.Runner.Length > 0 ? successor.Runner : "another runner";
        return $"this runner did not renew its lease in time: {who} took over at {successor.AcquiredAt:u}, and "
            + "has ended. This runner wrote nothing after that.";
    }

    private (string State, string Remedy, NextAction? Next) StateOf(ChangeRecord? record) =>
        record switch
        {
            null => ("The change is unknown there.", "Apply it to start.", NextAction.Apply(change)),
            { Status: ChangeStatus.RolledBack } => (
                "The change is rolled back.",
                "Apply it to start again.",
                NextAction.Apply(change)
            ),
            { Status: ChangeStatus.Completed } => ("The change is completed.", "Nothing is left to do.", null),
            { Status: ChangeStatus.Waiting, Gate: { } gate } => (
                $"The change waits: {gate.TrimEnd('.')}.",
                "Check its status.",
                NextAction.Status(change)
            ),
            { RollingBack: true } => (
                "The change is being rolled back.",
                "Roll it back to continue.",
                NextAction.Rollback(change)
            ),
            _ => (
                $"The change is in stage {record.Stage ?? "expand"}.",
                "Apply it to continue.",
                NextAction.Apply(change)
            ),
        };
}

using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>The tables of a plan as they are now.</summary>
internal static class TablesNow
{
    /// <summary>
    /// Lines of their fingerprint. Lines of the plan that other changes altered by their own plans count as unaltered.
    /// </summary>
    public static async Task<IReadOnlyList<string>> LookAsync(
        IExecution execution,
        ILedgerReader ledger,
        Plan plan,
        CancellationToken cancel
    )
    {
        // The catalog is read first: a change that altered it had stored its plan in the ledger before.
        IReadOnlyList<string> lines = await execution.Questions.FingerprintAsync(plan, cancel);
        IReadOnlyList<OtherChange> others = await OtherChange.ReadAsync(ledger, plan.Change, cancel);
        return [.. lines, .. plan.Fingerprint.Where(line => others.Any(other => other.Alters(line)))];
    }
}

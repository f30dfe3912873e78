using System.Text.Json;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>
/// The plan a change started with, provided that it is unaltered. No other plan runs, neither forward nor back.
/// </summary>
internal static class StoredPlan
{
    /// <param name="hash">The hash it started with.</param>
    public static async Task<(Plan? Plan, RunOutcome.Refused? Altered)> ReadAsync(
        ILedgerReader ledger,
        string change,
        string hash,
        CancellationToken cancel
    )
    {
        string json = await ledger.PlanAsync(change, cancel);
        if (!HasHash(json, hash))
        {
            return (
                null,
                RunOutcome.Refused.For(
                    change,
                    "the hash of the plan stored in the ledger differs from the recorded one: the "
                        + "stored plan was altered. Segue runs only statements that were planned.",
                    "Restore the plan in the ledger from a backup; without one see \"The stored plan was "
                        + "altered\" in docs/troubleshooting.md."
                )
            );
        }

        int format = PlanJson.FormatOf(json);
        if (format > Plan.NewestFormat)
        {
            return (
                null,
                RunOutcome.Refused.For(
                    change,
                    $"a newer Segue planned it (plan format {format}; this Segue supports formats up to "
                        + $"{Plan.NewestFormat}).",
                    "Use that version of Segue, or a newer one, to continue or to roll back."
                )
            );
        }

        try
        {
            return (PlanJson.Parse(json), null);
        }
        catch (JsonException unreadable)
        {
            return (
                null,
                RunOutcome.Refused.For(
                    change,
                    $"another Segue planned it (plan format {format}), and this one cannot read that plan: "
                        + unreadable.Message,
                    "Use the version of Segue that planned it to continue or to roll back."
                )
            );
        }
    }

    private static bool HasHash(string json, string hash)
    {
        try
        {
            return PlanJson.Hash(json) == hash;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // A member that is there twice is an ArgumentException.
            return false;
        }
    }
}

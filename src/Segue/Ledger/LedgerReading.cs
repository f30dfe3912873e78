namespace Segue.Ledger;

internal static class LedgerReading
{
    /// <summary>The fills of one change.</summary>
    public static async Task<IReadOnlyList<BackfillRecord>> BackfillsAsync(
        this ILedgerReader ledger,
        string change,
        CancellationToken cancel
    ) => [.. (await ledger.BackfillsAsync([change], cancel))[change]];
}

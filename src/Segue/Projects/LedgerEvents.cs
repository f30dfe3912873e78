using System.Runtime.CompilerServices;
using Segue.Ledger;

namespace Segue.Projects;

/// <summary>Reads the ledger's events page by page, so that a long history needs little memory.</summary>
internal sealed class LedgerEvents(ILedgerReader ledger)
{
    public const int PageSize = 1_000;

    /// <summary>Those that are there, oldest first.</summary>
    /// <param name="change">Null: those of all changes, and those of none.</param>
    public async IAsyncEnumerable<LedgerEvent> AfterAsync(
        string? change,
        long afterId,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        if (!await ledger.ExistsAsync(cancel))
        {
            yield break;
        }

        while (true)
        {
            IReadOnlyList<LedgerEvent> page = await ledger.EventsAsync(change, afterId, PageSize, cancel);
            foreach (LedgerEvent entry in page)
            {
                yield return entry;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            afterId = page[^1].Id;
        }
    }

    /// <summary>Those that are there, and then each that comes.</summary>
    public async IAsyncEnumerable<LedgerEvent> FollowAsync(
        string? change,
        long afterId,
        TimeSpan every,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        while (true)
        {
            await foreach (LedgerEvent entry in AfterAsync(change, afterId, cancel))
            {
                afterId = entry.Id;
                yield return entry;
            }

            await Task.Delay(every, time, cancel);
        }
    }

    public async Task<HistoryCheck> CheckAsync(CancellationToken cancel)
    {
        long count = 0;
        LedgerEvent? before = null;
        LedgerEvent? broken = null;
        await foreach (LedgerEvent entry in AfterAsync(change: null, afterId: long.MinValue, cancel))
        {
            broken ??= EventChain.Follows(before, entry) ? null : entry;
            before = entry;
            count++;
        }

        return new HistoryCheck(count, broken, before?.Hash ?? "");
    }
}

using Segue.Engines;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>
/// Retries the ranges of a table that were skipped because apps had locked rows or rows raised an error.
/// </summary>
internal sealed class SkippedRanges(FillState state, BatchSending sending)
{
    /// <summary>
    /// Rounds without progress, while no session locks a row, after which another cause must keep rows from being
    /// filled.
    /// </summary>
    private const int FruitlessRounds = 5;

    /// <summary>What is skipped is divided, so that a locked row keeps little else from being filled.</summary>
    private const int PartsOfSkippedGroup = 8;

    private readonly RowFailures _failures = new(state.Run, state.Key);

    /// <summary>Reports how many rows raised an error in the whole table.</summary>
    public void TellFailures() => _failures.Tell(state.Cursor.Failed, isDone: true);

    /// <summary>
    /// Sweeps until no range is left. <see cref="Swept.All"/>, unless the fill cannot continue or starts over.
    /// </summary>
    public async Task<Swept> SweepAsync(CancellationToken cancel)
    {
        int fruitless = 0;
        TimeSpan delay = TimeSpan.FromMilliseconds(100);
        while (state.Cursor.Skipped.Count > 0)
        {
            long rows = state.Cursor.Rows;
            int ranges = state.Cursor.Skipped.Count;
            Swept swept = await SweepOnceAsync(state.Cursor.Skipped, cancel);
            if (swept is Swept.Rewritten or Swept.Failed)
            {
                return swept;
            }

            if (state.Cursor.Rows != rows || state.Cursor.Skipped.Count != ranges)
            {
                (fruitless, delay) = (0, TimeSpan.FromMilliseconds(100));
                continue;
            }

            string? holder = await state.Run.Execution.Batches.LockHolderAsync(state.Target.Relation, cancel);
            fruitless = holder is null && swept is not Swept.Locked ? fruitless + 1 : 0;
            if (fruitless >= FruitlessRounds)
            {
                return new Swept.Failed(Unfillable());
            }

            string reason = $"Waiting for rows that an app has locked{(holder is null ? "." : $": {holder}.")}";
            await state.Throttle.WaitAsync(reason, RunContext.Jittered(delay), cancel);
            delay = delay * 2 < TimeSpan.FromSeconds(5) ? delay * 2 : TimeSpan.FromSeconds(5);
        }

        return new Swept.All();
    }

    /// <summary>Sweeps each range once.</summary>
    public async Task<Swept> SweepOnceAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancel)
    {
        Swept swept = new Swept.All();
        foreach (RowRange range in ranges)
        {
            switch (await FillUnlockedAsync(range, cancel))
            {
                case BatchResult.Filled filled:
                    state.Cursor = state.Cursor with { Rows = filled.RowsDone };
                    if (filled.Left == 0 && await SettleAsync(range, filled.Failed, cancel) is { } tooMany)
                    {
                        return new Swept.Failed(tooMany);
                    }

                    break;
                case BatchResult.RowLocked:
                    // Locked rows of the table itself are skipped, so the lock is on a row that one of its triggers
                    // writes elsewhere.
                    swept = new Swept.Locked();
                    break;
                case BatchResult.TooSlow when range.IsSmallest:
                    return new Swept.Failed(sending.TooSlow(range));
                case BatchResult.TooSlow or BatchResult.RowsFail:
                    await state.SaveAsync(
                        state.Cursor with
                        {
                            Skipped = [.. Others(range), .. await PartsOfAsync(range, cancel)],
                        },
                        cancel
                    );
                    break;
                case BatchResult.Rewritten:
                    await state.StartOverAsync(cancel);
                    return new Swept.Rewritten();
            }
        }

        return swept;
    }

    /// <summary>Null when the table was locked as a whole.</summary>
    private async Task<BatchResult?> FillUnlockedAsync(RowRange range, CancellationToken cancel)
    {
        await state.Throttle.WaitUntilClearAsync(cancel);
        IReadOnlyList<BatchResult> results = await sending.SendAsync(
            [sending.BatchOf(range, FillMode.Unlocked)],
            cancel
        );
        return
            results.SingleOrDefault() is BatchResult.RowsFail
            && range.Units <= state.Run.Execution.Ranges.Sizes.FewForFailures
            ? (await sending.SendAsync([sending.BatchOf(range, FillMode.Each)], cancel)).SingleOrDefault()
            : results.SingleOrDefault();
    }

    /// <summary>Only rows that raise an error are left of a skipped range. Null while those are few.</summary>
    private async Task<StepOutcome.Failed?> SettleAsync(RowRange range, FailedRows failed, CancellationToken cancel)
    {
        BackfillCursor settled = state.Cursor with
        {
            Skipped = [.. Others(range)],
            Failed = state.Cursor.Failed.Plus(failed),
        };
        _failures.Tell(settled.Failed, isDone: false);
        StepOutcome.Failed? tooMany = _failures.TooMany(settled.Failed);
        await state.SaveAsync(tooMany is null ? settled : settled.FromTheStart(), cancel);
        return tooMany;
    }

    private IEnumerable<RowRange> Others(RowRange range) => state.Cursor.Skipped.Where(other => other != range);

    public ValueTask<IReadOnlyList<RowRange>> PartsOfAsync(RowRange group, CancellationToken cancel) =>
        state.Run.Execution.Ranges.SplitAsync(state.Target.Relation, group, PartsOfSkippedGroup, cancel);

    private StepOutcome.Failed Unfillable()
    {
        IEnumerable<string> ranges = state.Cursor.Skipped.Take(5).Select(range => range.Words);
        return new StepOutcome.Failed(
            $"Some rows of {state.Target.Relation} stay unfilled although no session locks them "
                + $"({string.Join(", ", ranges)}). Either the backfill expression gives NULL for them, or a "
                + "trigger or rule of the table discards the update. Correct that, then apply again."
        );
    }
}

using Segue.Engines;
using Segue.Ledger;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>Sends batches of one table, and rests or pauses after them where that is asked for.</summary>
internal sealed class BatchSending(FillState state)
{
    private static readonly TimeSpan LongestBlock = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TableLockPoll = TimeSpan.FromMilliseconds(300);

    /// <summary>What the last batch took; null before the first one.</summary>
    public TimeSpan? LastTook { get; private set; }

    /// <summary>
    /// The batches' results, without one that found the whole table locked: for that the table was waited for, and the
    /// batch is to be
    /// sent again.
    /// </summary>
    public async Task<IReadOnlyList<BatchResult>> SendAsync(IReadOnlyList<Batch> batches, CancellationToken cancel)
    {
        long began = state.Run.Time.GetTimestamp();
        BatchResults sent = await state.Run.Execution.Batches.FillAsync(batches, cancel);
        BatchResult.Filled[] filled = [.. sent.Results.OfType<BatchResult.Filled>()];
        if (filled.Length > 0)
        {
            TimeSpan rested = TimeSpan.FromTicks(batches.Take(filled.Length).Sum(batch => batch.Rest.Ticks));
            TimeSpan worked = sent.OnServer - rested;
            TimeSpan idle = state.Run.Time.GetElapsedTime(began) - worked;
            LastTook = filled[^1].Took;
            state.Progress.Add(began, filled.Sum(batch => batch.Rows));
            state.Progress.Tell(state.Cursor with { Rows = filled[^1].RowsDone }, filled[^1].Took, state.Sizer.Blocks);
            await state.Throttle.RestAsync(worked, idle, cancel);
            if (filled.Any(batch => batch.PauseRequested))
            {
                await PauseAsync(cancel);
            }
        }

        if (sent.Results[^1] is not BatchResult.TableLocked)
        {
            return sent.Results;
        }

        await WaitForTableAsync(cancel);
        return filled;
    }

    public Batch BatchOf(BlockRange range, FillMode mode) =>
        new()
        {
            Key = state.Key,
            Plan = state.Run.Plan,
            Target = state.Target,
            Range = range,
            Mode = mode,
            Generation = state.Cursor.Generation,
            Lease = state.Run.Lease,
            Limit = LimitOf(range),
            RowsPerBlock = state.RowsPerBlock,
            RowsPerSecond = state.Progress.RowsPerSecond,
        };

    /// <summary>What cannot be made smaller may take its time.</summary>
    public TimeSpan LimitOf(BlockRange range) =>
        range.Blocks > 1 ? TimeSpan.FromMilliseconds(state.Run.Plan.Limits.HoldBudgetMs) : LongestBlock;

    private async Task PauseAsync(CancellationToken cancel)
    {
        await new Pause(state.Run).WaitAsync(cancel);
        await state.Throttle.ReadAnewAsync();
    }

    private async Task WaitForTableAsync(CancellationToken cancel)
    {
        string? holder = await state.Run.Execution.Batches.LockHolderAsync(state.Target.Relation, cancel);
        string by = holder is null ? "" : $" by {holder}";
        await state.Throttle.WaitAsync(
            $"{state.Target.Relation} is locked as a whole{by}. Waiting without queueing.",
            RunContext.Jittered(TableLockPoll),
            cancel
        );
        await PauseAsync(cancel);
    }

    /// <summary>A single block cannot be made smaller.</summary>
    public StepOutcome.Failed TooSlow(BlockRange block) =>
        new(
            $"Filling block {block.Start} of {state.Target.Relation}, a single one, did not end within "
                + $"{Plain.Duration(LongestBlock)}. "
                + "Make the backfill expression or the table's triggers faster (does an index for a lookup fail?), "
                + "then `segue apply` again."
        );
}

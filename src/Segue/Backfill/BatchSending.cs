using Segue.Engines;
using Segue.Ledger;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>Sends batches of one table; rests or pauses after them on request.</summary>
internal sealed class BatchSending(FillState state)
{
    private static readonly TimeSpan LongestRange = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TableLockPoll = TimeSpan.FromMilliseconds(300);

    /// <summary>Duration of the last batch; null before the first one.</summary>
    public TimeSpan? LastTook { get; private set; }

    /// <summary>
    /// The batches' results. A batch that found the whole table locked is not among them: this waits for the table, and
    /// the batch must be sent again.
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
            state.Progress.Tell(state.Cursor with { Rows = filled[^1].RowsDone }, filled[^1].Took, state.Sizer.Units);
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

    public Batch BatchOf(RowRange range, FillMode mode) =>
        new()
        {
            Key = state.Key,
            Plan = state.Run.Plan,
            Target = state.Target,
            Range = range,
            Mode = mode,
            Lease = state.Run.Lease,
            Limit = LimitOf(range),
            RowsPerUnit = state.RowsPerUnit,
            RowsPerSecond = state.Progress.RowsPerSecond,
        };

    /// <summary>A single block cannot be split, so it may take longer.</summary>
    public TimeSpan LimitOf(RowRange range) =>
        range.IsSmallest ? LongestRange : TimeSpan.FromMilliseconds(state.Run.Plan.Limits.HoldBudgetMs);

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

    /// <summary>A smallest range cannot be divided.</summary>
    public StepOutcome.Failed TooSlow(RowRange range) =>
        new(
            $"Filling {range.Words} of {state.Target.Relation} alone took longer than "
                + $"{Plain.Duration(LongestRange)}. Make the backfill expression or the table's triggers "
                + "faster (does a lookup lack an index?), then apply again."
        );
}

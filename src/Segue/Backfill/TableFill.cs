using Segue.Engines;
using Segue.Planning;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Backfill;

/// <summary>
/// Fills one physical table: group after group, each in the plan's passes, then sweeps over what apps had locked.
/// Everything it knows is in the cursor, which commits with each batch.
/// </summary>
internal sealed class TableFill : IAsyncDisposable
{
    /// <summary>
    /// As many batches are sent together as fit into this time. It is long compared with a round trip, and short for
    /// people who pause the fill.
    /// </summary>
    private static readonly TimeSpan SentAtOnce = TimeSpan.FromMilliseconds(300);
    private const int MostSentAtOnce = 16;

    private static readonly TimeSpan ObstacleLookEvery = TimeSpan.FromSeconds(2);

    private readonly FillState _state;
    private readonly BatchSending _sending;
    private readonly SkippedRanges _skipped;
    private readonly Lookout<string?> _obstacles;
    private string? _obstacle;

    /// <summary>Set once the table is measured.</summary>
    private PassPlan _passes = null!;

    /// <summary>The passes so far of the current group.</summary>
    private PassTimes _times = new();

    public TableFill(RunContext run, Throttle throttle, BackfillStep step, BackfillTarget target)
    {
        _state = new FillState(run, throttle, step, target);
        _sending = new BatchSending(_state);
        _skipped = new SkippedRanges(_state, _sending);
        _obstacles = new Lookout<string?>(run.Execution.Batches.PassesObstacleAsync, ObstacleLookEvery, run.Time);
    }

    private BackfillCursor Cursor
    {
        get => _state.Cursor;
        set => _state.Cursor = value;
    }

    private BatchSizer Sizer => _state.Sizer;

    private IRanges Ranges => _state.Run.Execution.Ranges;

    private bool HasPasses => _state.Target.Passes.Count > 1;

    public ValueTask DisposeAsync() => _obstacles.DisposeAsync();

    /// <inheritdoc cref="FillState.RestartAsync"/>
    public Task RestartAsync(CancellationToken cancel) => _state.RestartAsync(cancel);

    public async Task<StepOutcome> RunAsync(CancellationToken cancel)
    {
        await _state.LoadAsync(cancel);
        TableExtent extent = await Ranges.MeasureAsync(_state.Target.Relation, cancel);
        _state.RowsPerUnit = extent.RowsPerUnit;
        long largest = (HasPasses ? Ranges.Sizes.LargestGroup : Ranges.Sizes.LargestRange) * _state.Target.Workers;
        _state.Sizer = new BatchSizer(extent.FirstGroup, _state.BatchTarget, largest);
        _passes = new PassPlan(_state.Target.Passes.Count, extent.MostPasses, _state.BatchTarget);
        while (!Cursor.Remaining.IsEmpty)
        {
            await LookForObstacleAsync(cancel);
            if (await FillNextAsync(cancel) is { } failed)
            {
                return failed;
            }
        }

        switch (await _skipped.SweepAsync(cancel))
        {
            case Swept.Rewritten:
                return await RunAsync(cancel);
            case Swept.Failed failed:
                return failed.Outcome;
        }

        if (!Cursor.Finished)
        {
            await _state.SaveAsync(Cursor with { Finished = true }, cancel);
            _skipped.TellFailures();
            _state.Progress.Tell(Cursor, TimeSpan.Zero, Sizer.Units, always: true);
        }

        return new StepOutcome.Done();
    }

    /// <summary>The next batches, sent at once. Null unless the fill cannot go on.</summary>
    private async Task<StepOutcome.Failed?> FillNextAsync(CancellationToken cancel)
    {
        // Batches that are sent together use what is known now: is an app active?
        await _state.Throttle.WaitUntilClearAsync(cancel);
        IReadOnlyList<(Batch Batch, BackfillCursor Before, BackfillCursor After)> ahead = await AheadAsync(cancel);
        IReadOnlyList<BatchResult> results = await _sending.SendAsync([.. ahead.Select(step => step.Batch)], cancel);
        for (int i = 0; i < results.Count; i++)
        {
            RowRange group = ahead[i].Batch.Range;
            Cursor = ahead[i].Before with { Rows = Cursor.Rows };
            switch (results[i])
            {
                case BatchResult.Filled filled:
                    Cursor = ahead[i].After with { Rows = filled.RowsDone };
                    Observe(group, filled.Took);
                    break;
                case BatchResult.RowLocked:
                    // Do not wait for the row: the sweep retries the range in smaller parts and skips locked rows.
                    await SkipAsync(group, await _skipped.PartsOfAsync(group, cancel), cancel);
                    break;
                case BatchResult.RowsFail when group.Units <= Ranges.Sizes.FewForFailures:
                    // The sweep fills the other rows of the range.
                    await SkipAsync(group, [group], cancel);
                    return await _skipped.SweepOnceAsync([group], cancel) is Swept.Failed failed
                        ? failed.Outcome
                        : null;
                case BatchResult.TooSlow when group.IsSmallest:
                    return _sending.TooSlow(group);
                case BatchResult.RowsFail or BatchResult.TooSlow:
                    Sizer.Limit(group.Units / 2);
                    RegroupFromHere();
                    break;
                case BatchResult.Rewritten:
                    await _state.StartOverAsync(cancel);
                    break;
            }
        }

        return null;
    }

    private Task SkipAsync(RowRange group, IReadOnlyList<RowRange> parts, CancellationToken cancel)
    {
        _times = new PassTimes();
        return _state.SaveAsync(Cursor.Behind(group) with { Skipped = [.. Cursor.Skipped, .. parts] }, cancel);
    }

    private void RegroupFromHere()
    {
        Cursor = Cursor.WithoutGroup();
        _times = new PassTimes();
    }

    private async Task<IReadOnlyList<(Batch Batch, BackfillCursor Before, BackfillCursor After)>> AheadAsync(
        CancellationToken cancel
    )
    {
        List<(Batch, BackfillCursor, BackfillCursor)> ahead = [];
        BackfillCursor at = Cursor;
        int workers = WorkersNow;
        int most = SentNow;
        while (ahead.Count < most && !at.Remaining.IsEmpty)
        {
            RowRange group = at.Group ?? await NextGroupAsync(at.Remaining, cancel);
            at = at.Group is null
                ? at with
                {
                    Group = group,
                    Pass = 0,
                    Passes = _passes.Count(areWorthIt: _obstacle is null),
                }
                : at;
            bool last = at.Pass + 1 >= at.Passes;
            BackfillCursor after = last ? at.Behind(group) : at with { Pass = at.Pass + 1 };
            Batch batch = _sending.BatchOf(group, last ? FillMode.Rest : FillMode.Part) with
            {
                Pass = at.Pass,
                Passes = at.Passes,
                Workers = workers,
                Rest = ahead.Count == 0 ? TimeSpan.Zero : _state.Throttle.RestAfter(_sending.LastTook ?? TimeSpan.Zero),
                // One of several sessions does not know the progress of the others: it stores the state before them.
                Cursor =
                    workers == 1 ? after
                    : ahead.Count == 0 ? Cursor
                    : null,
            };
            ahead.Add((batch, at, after));
            at = after;
        }

        return ahead;
    }

    private ValueTask<RowRange> NextGroupAsync(RowRange remaining, CancellationToken cancel) =>
        Ranges.HeadAsync(_state.Target.Relation, remaining, Math.Min(Sizer.Units, LargestNow), cancel);

    private int SentNow =>
        _sending.LastTook is { } took
            ? (int)
                Math.Clamp(
                    SentAtOnce / (took + _state.Throttle.RestAfter(took) + TimeSpan.FromMilliseconds(1)),
                    1,
                    MostSentAtOnce
                )
            : 1;

    private void Observe(RowRange group, TimeSpan took)
    {
        _times = _times.And(took);
        if (Cursor.Group is null)
        {
            Sizer.Observe(group.Units, _times.Slowest);
            _passes.Observe(group.Units, _times.Average);
            _times = new PassTimes();
        }
    }

    /// <summary>An active app gets the other cores.</summary>
    private int WorkersNow => _state.Throttle.IsBusy ? 1 : _state.Target.Workers;

    private long LargestNow =>
        (HasPasses, _state.Throttle.IsBusy) switch
        {
            (true, true) => Ranges.Sizes.LargestGroupBesideApp,
            (true, false) => Ranges.Sizes.LargestGroup * WorkersNow,
            _ => long.MaxValue,
        };

    private async Task LookForObstacleAsync(CancellationToken cancel)
    {
        string? obstacle = await _obstacles.LatestAsync(cancel);
        if (obstacle is not null && _obstacle is null)
        {
            _state.Run.Emit(new RunEvent.Note(obstacle));
        }

        _obstacle = obstacle;
    }
}

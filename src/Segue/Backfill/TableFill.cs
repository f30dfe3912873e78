using Segue.Engines;
using Segue.Planning;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Backfill;

/// <summary>
/// Fills one physical table: groups of blocks, each in passes that keep rows on their pages, then sweeps over what apps
/// had locked.
/// Everything it knows is in the cursor, which commits with each batch.
/// </summary>
internal sealed class TableFill : IAsyncDisposable
{
    /// <summary>200 blocks, where values are not stored elsewhere.</summary>
    private const long FirstGroupBytes = 200 * 8192;

    /// <summary>
    /// For each worker. Larger groups are no faster (measured), and a batch holds its row locks for longer.
    /// </summary>
    private const long LargestGroup = 512;

    /// <summary>
    /// Some milliseconds of work at a time: what an app has to wait for a core grows with the length of a batch.
    /// </summary>
    private const long LargestGroupBesideApp = 128;

    /// <summary>In one pass there may be little to write, and the range is mostly read.</summary>
    private const long LargestRange = 4096;

    /// <summary>
    /// As many batches are sent at once as fit into it: long against a round trip, short for those who ask for a pause.
    /// </summary>
    private static readonly TimeSpan SentAtOnce = TimeSpan.FromMilliseconds(300);
    private const int MostSentAtOnce = 16;

    private static readonly TimeSpan ObstacleLookEvery = TimeSpan.FromSeconds(2);

    private readonly FillState _state;
    private readonly BatchSending _sending;
    private readonly SkippedRanges _skipped;
    private readonly PassPlan _passes;
    private readonly Lookout<string?> _obstacles;
    private string? _obstacle;

    /// <summary>The slowest pass so far of the group that is being filled.</summary>
    private TimeSpan _slowest;

    public TableFill(RunContext run, Throttle throttle, BackfillStep step, BackfillTarget target)
    {
        _state = new FillState(run, throttle, step, target);
        _sending = new BatchSending(_state);
        _skipped = new SkippedRanges(_state, _sending);
        _passes = new PassPlan(target.Passes, _state.BatchTarget);
        _obstacles = new Lookout<string?>(run.Execution.Batches.PruningObstacleAsync, ObstacleLookEvery, run.Time);
    }

    private BackfillCursor Cursor
    {
        get => _state.Cursor;
        set => _state.Cursor = value;
    }

    private BatchSizer Sizer => _state.Sizer;

    public ValueTask DisposeAsync() => _obstacles.DisposeAsync();

    /// <inheritdoc cref="FillState.RestartAsync"/>
    public Task RestartAsync(CancellationToken cancel) => _state.RestartAsync(cancel);

    public async Task<StepOutcome> RunAsync(CancellationToken cancel)
    {
        await _state.LoadAsync(cancel);
        TableExtent extent = await _state.Run.Execution.Batches.MeasureAsync(_state.Target.Relation, cancel);
        _state.RowsPerBlock = (double)extent.EstimatedRows / Math.Max(1, extent.Blocks);
        long largest = (_state.Target.Passes.Count > 1 ? LargestGroup : LargestRange) * _state.Target.Workers;
        _state.Sizer = new BatchSizer(FirstGroupBytes / Math.Max(1, extent.BytesPerBlock), _state.BatchTarget, largest);
        while (Cursor.Next < Cursor.End)
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
            _state.Progress.Tell(Cursor, TimeSpan.Zero, Sizer.Blocks, always: true);
        }

        return new StepOutcome.Done();
    }

    /// <summary>The next batches, sent at once. Null unless the fill cannot go on.</summary>
    private async Task<StepOutcome.Failed?> FillNextAsync(CancellationToken cancel)
    {
        // What is sent at once goes by what is known now: is an app at work?
        await _state.Throttle.WaitUntilClearAsync(cancel);
        IReadOnlyList<(Batch Batch, BackfillCursor Before, BackfillCursor After)> ahead = [.. Ahead()];
        IReadOnlyList<BatchResult> results = await _sending.SendAsync([.. ahead.Select(step => step.Batch)], cancel);
        for (int i = 0; i < results.Count; i++)
        {
            BlockRange group = ahead[i].Batch.Range;
            Cursor = ahead[i].Before with { Rows = Cursor.Rows };
            switch (results[i])
            {
                case BatchResult.Filled filled:
                    Cursor = ahead[i].After with { Rows = filled.RowsDone };
                    Observe(group, filled.Took);
                    break;
                case BatchResult.RowLocked:
                    // Give way at once; the sweep comes back in smaller parts that skip what is locked.
                    await SkipAsync(group, SkippedRanges.PartsOf(group), cancel);
                    break;
                case BatchResult.RowsFail when group.Blocks <= RowFailures.MostBlocks:
                    // The sweep goes around the rows that fail.
                    await SkipAsync(group, [group], cancel);
                    return await _skipped.SweepOnceAsync([group], cancel) is Swept.Failed failed
                        ? failed.Outcome
                        : null;
                case BatchResult.RowsFail:
                    Sizer.Limit(group.Blocks / 2);
                    RegroupFromHere();
                    break;
                case BatchResult.TooSlow when group.Blocks == 1:
                    return _sending.TooSlow(group);
                case BatchResult.TooSlow:
                    Sizer.Observe(group.Blocks, _sending.LimitOf(group));
                    RegroupFromHere();
                    break;
                case BatchResult.Rewritten:
                    await _state.StartOverAsync(cancel);
                    break;
            }
        }

        return null;
    }

    private Task SkipAsync(BlockRange group, IEnumerable<BlockRange> parts, CancellationToken cancel)
    {
        _slowest = TimeSpan.Zero;
        return _state.SaveAsync(
            Cursor with
            {
                Next = group.End,
                Pass = 0,
                Skipped = [.. Cursor.Skipped, .. parts],
            },
            cancel
        );
    }

    private void RegroupFromHere()
    {
        Cursor = Cursor with { GroupEnd = Cursor.Next, Pass = 0 };
        _slowest = TimeSpan.Zero;
    }

    private IEnumerable<(Batch Batch, BackfillCursor Before, BackfillCursor After)> Ahead()
    {
        BackfillCursor at = Cursor;
        int workers = WorkersNow;
        for (int i = 0; i < SentNow && at.Next < at.End; i++)
        {
            if (at.GroupEnd <= at.Next)
            {
                at = at with
                {
                    GroupEnd = Math.Min(at.End, at.Next + Math.Min(Sizer.Blocks, LargestNow)),
                    Pass = 0,
                    Passes = _passes.Count(inPlace: _obstacle is null),
                };
            }

            bool last = at.Pass + 1 >= at.Passes;
            BackfillCursor after = last ? at with { Next = at.GroupEnd, Pass = 0 } : at with { Pass = at.Pass + 1 };
            Batch batch = _sending.BatchOf(
                new BlockRange(at.Next, at.GroupEnd),
                last ? FillMode.Rest : FillMode.Part
            ) with
            {
                Share = _passes.Share(at.Pass, at.Passes),
                Workers = workers,
                Rest = i == 0 ? TimeSpan.Zero : _state.Throttle.RestAfter(_sending.LastTook ?? TimeSpan.Zero),
                // One of several sessions does not know how far the others are: it stores what was true before them.
                Cursor =
                    workers == 1 ? after
                    : i == 0 ? Cursor
                    : null,
            };
            yield return (batch, at, after);
            at = after;
        }
    }

    private int SentNow =>
        _sending.LastTook is { } took
            ? (int)
                Math.Clamp(
                    SentAtOnce / (took + _state.Throttle.RestAfter(took) + TimeSpan.FromMilliseconds(1)),
                    1,
                    MostSentAtOnce
                )
            : 1;

    private void Observe(BlockRange group, TimeSpan took)
    {
        _slowest = took > _slowest ? took : _slowest;
        if (Cursor.Next >= group.End)
        {
            Sizer.Observe(group.Blocks, _slowest);
            _passes.Observe(group.Blocks, _slowest);
            _slowest = TimeSpan.Zero;
        }
    }

    /// <summary>An app at work gets the other cores.</summary>
    private int WorkersNow => _state.Throttle.IsBusy ? 1 : _state.Target.Workers;

    private long LargestNow =>
        (_state.Target.Passes.Count > 1, _state.Throttle.IsBusy) switch
        {
            (true, true) => LargestGroupBesideApp,
            (true, false) => LargestGroup * WorkersNow,
            _ => long.MaxValue,
        };

    private async Task LookForObstacleAsync(CancellationToken cancel)
    {
        string? obstacle = await _obstacles.LatestAsync(cancel);
        if (obstacle is not null && _obstacle is null)
        {
            _state.Run.Emit(
                new RunEvent.Note(
                    $"{obstacle} Until it ends rows cannot be filled in place: the table grows more, "
                        + "nothing else changes."
                )
            );
        }

        _obstacle = obstacle;
    }
}

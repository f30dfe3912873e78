using Segue.Execution;
using Segue.Planning;
using Segue.Throttling;

namespace Segue.Backfill;

/// <summary>
/// Fills one physical table: groups of blocks, each in passes that keep rows on their pages, then sweeps over what apps had locked.
/// Everything it knows is in the cursor, which commits with each batch.
/// </summary>
internal sealed class TableFill : IAsyncDisposable
{
    /// <summary>200 blocks, where values are not stored elsewhere.</summary>
    private const long FirstGroupBytes = 200 * 8192;

    /// <summary>For each worker. Larger groups are no faster (measured), and a batch holds its row locks for longer.</summary>
    private const long LargestGroup = 512;

    /// <summary>Some milliseconds of work at a time: what an app has to wait for a core grows with the length of a batch.</summary>
    private const long LargestGroupBesideApp = 128;

    /// <summary>In one pass there may be little to write, and the range is mostly read.</summary>
    private const long LargestRange = 4096;
    private const int PartsOfSkippedGroup = 8;

    /// <summary>As many batches are sent at once as fit into it: long against a round trip, short for those who ask for a pause.</summary>
    private static readonly TimeSpan SentAtOnce = TimeSpan.FromMilliseconds(300);
    private const int MostSentAtOnce = 16;

    /// <summary>Rounds of sweeps without progress, with nobody holding a row, after which something else keeps rows from being filled.</summary>
    private const int FruitlessRounds = 5;

    private static readonly TimeSpan LongestBlock = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TableLockPoll = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan ObstacleLookEvery = TimeSpan.FromSeconds(2);

    private readonly RunContext _run;
    private readonly Throttle _throttle;
    private readonly BackfillTarget _target;
    private readonly BackfillKey _key;
    private readonly bool _isSweep;
    private readonly PassPlan _passes;
    private readonly FillProgress _progress;
    private readonly RowFailures _failures;
    private readonly Lookout<string?> _obstacles;
    private BatchSizer _sizer = null!;
    private BackfillCursor _cursor = null!;
    private string? _obstacle;

    /// <summary>The slowest pass so far of the group that is being filled.</summary>
    private TimeSpan _slowest;
    private TimeSpan? _lastTook;

    public TableFill(RunContext run, Throttle throttle, BackfillStep step, BackfillTarget target)
    {
        _run = run;
        _throttle = throttle;
        _target = target;
        _key = new BackfillKey(run.Plan.Change, step.Id, target.Relation);
        _isSweep = step.IsSweep;
        _passes = new PassPlan(target.Passes, BatchTarget);
        _progress = new FillProgress(run, target);
        _failures = new RowFailures(run, _key);
        _obstacles = new Lookout<string?>(run.Engine.Batches.PruningObstacleAsync, ObstacleLookEvery, run.Time);
    }

    public ValueTask DisposeAsync() => _obstacles.DisposeAsync();

    /// <summary>Begins at the first block, with the rows counted so far.</summary>
    public async Task<BackfillCursor> RestartAsync(CancellationToken cancel)
    {
        BackfillCursor? before = _cursor ?? await _run.Engine.Batches.CursorAsync(_key, cancel);
        TableExtent extent = await _run.Engine.Batches.MeasureAsync(_target.Relation, cancel);
        BackfillCursor cursor = new()
        {
            Generation = extent.Generation,
            Next = 0,
            End = extent.Blocks,
            Rows = before?.Rows ?? 0,
            RowsTotal = _isSweep ? 0 : Math.Max(extent.EstimatedRows, 0),
        };
        await _run.Engine.Batches.SaveAsync(_key, cursor, _run.Lease, cancel);
        return cursor;
    }

    public async Task<StepOutcome> RunAsync(CancellationToken cancel)
    {
        _cursor = await _run.Engine.Batches.CursorAsync(_key, cancel) ?? await RestartAsync(cancel);
        TableExtent extent = await _run.Engine.Batches.MeasureAsync(_target.Relation, cancel);
        _sizer = new BatchSizer(
            FirstGroupBytes / Math.Max(1, extent.BytesPerBlock), BatchTarget, (_target.Passes.Count > 1 ? LargestGroup : LargestRange) * _target.Workers);
        while (_cursor.Next < _cursor.End)
        {
            await LookForObstacleAsync(cancel);
            if (await FillNextAsync(cancel) is { } failed)
            {
                return failed;
            }
        }

        StepOutcome outcome = await SweepAsync(cancel);
        if (outcome is StepOutcome.Done && !_cursor.Finished)
        {
            await SaveAsync(_cursor with { Finished = true }, cancel);
            _failures.Tell(_cursor.Failed, isDone: true);
            _progress.Tell(_cursor, TimeSpan.Zero, _sizer.Blocks, always: true);
        }

        return outcome;
    }

    /// <summary>The next batches, sent at once. Null unless the fill cannot go on.</summary>
    private async Task<StepOutcome.Failed?> FillNextAsync(CancellationToken cancel)
    {
        // What is sent at once goes by what is known now: is an app at work?
        await _throttle.WaitUntilClearAsync(cancel);
        IReadOnlyList<(Batch Batch, BackfillCursor Before, BackfillCursor After)> ahead = [.. Ahead()];
        IReadOnlyList<BatchResult> results = await SendAsync([.. ahead.Select(step => step.Batch)], cancel);
        for (int i = 0; i < results.Count; i++)
        {
            BlockRange group = ahead[i].Batch.Range;
            _cursor = ahead[i].Before with { Rows = _cursor.Rows };
            switch (results[i])
            {
                case BatchResult.Filled filled:
                    _cursor = ahead[i].After with { Rows = filled.RowsDone };
                    Observe(group, filled.Took);
                    break;
                case BatchResult.RowLocked:
                    // Give way at once; the sweep comes back in smaller parts that skip what is locked.
                    await SaveAsync(_cursor with { Next = group.End, Pass = 0, Skipped = [.. _cursor.Skipped, .. PartsOf(group)] }, cancel);
                    _slowest = TimeSpan.Zero;
                    break;
                case BatchResult.RowsFail when group.Blocks <= RowFailures.MostBlocks:
                    // The sweep goes around the rows that fail.
                    await SaveAsync(_cursor with { Next = group.End, Pass = 0, Skipped = [.. _cursor.Skipped, group] }, cancel);
                    _slowest = TimeSpan.Zero;
                    return await SweepOnceAsync([group], cancel) is Swept.Failed failed ? failed.Outcome : null;
                case BatchResult.RowsFail:
                    _sizer.Limit(group.Blocks / 2);
                    _cursor = _cursor with { GroupEnd = _cursor.Next, Pass = 0 };
                    _slowest = TimeSpan.Zero;
                    break;
                case BatchResult.TooSlow when group.Blocks == 1:
                    return TooSlow(group);
                case BatchResult.TooSlow:
                    _sizer.Observe(group.Blocks, LimitOf(group));
                    _cursor = _cursor with { GroupEnd = _cursor.Next, Pass = 0 };
                    _slowest = TimeSpan.Zero;
                    break;
                case BatchResult.Rewritten:
                    await StartOverAsync(cancel);
                    break;
            }
        }

        return null;
    }

    private IEnumerable<(Batch Batch, BackfillCursor Before, BackfillCursor After)> Ahead()
    {
        BackfillCursor at = _cursor;
        int workers = WorkersNow;
        for (int i = 0; i < SentNow && at.Next < at.End; i++)
        {
            if (at.GroupEnd <= at.Next)
            {
                at = at with
                {
                    GroupEnd = Math.Min(at.End, at.Next + Math.Min(_sizer.Blocks, LargestNow)),
                    Pass = 0,
                    Passes = _passes.Count(inPlace: _obstacle is null),
                };
            }

            bool last = at.Pass + 1 >= at.Passes;
            BackfillCursor after = last ? at with { Next = at.GroupEnd, Pass = 0 } : at with { Pass = at.Pass + 1 };
            Batch batch = BatchOf(new BlockRange(at.Next, at.GroupEnd), last ? FillMode.Rest : FillMode.Part) with
            {
                Share = _passes.Share(at.Pass, at.Passes),
                Workers = workers,
                Rest = i == 0 ? TimeSpan.Zero : _throttle.RestAfter(_lastTook ?? TimeSpan.Zero),
                // One of several sessions does not know how far the others are: it stores what was true before them.
                Cursor = workers == 1 ? after : i == 0 ? _cursor : null,
            };
            yield return (batch, at, after);
            at = after;
        }
    }

    private int SentNow => _lastTook is { } took
        ? (int)Math.Clamp(SentAtOnce / (took + _throttle.RestAfter(took) + TimeSpan.FromMilliseconds(1)), 1, MostSentAtOnce)
        : 1;

    private void Observe(BlockRange group, TimeSpan took)
    {
        _slowest = took > _slowest ? took : _slowest;
        if (_cursor.Next >= group.End)
        {
            _sizer.Observe(group.Blocks, _slowest);
            _passes.Observe(group.Blocks, _slowest);
            _slowest = TimeSpan.Zero;
        }
    }

    private TimeSpan BatchTarget => TimeSpan.FromMilliseconds(_run.Plan.Limits.BatchTargetMs);

    private async Task<StepOutcome> SweepAsync(CancellationToken cancel)
    {
        int fruitless = 0;
        TimeSpan delay = TimeSpan.FromMilliseconds(100);
        while (_cursor.Skipped.Count > 0)
        {
            long rows = _cursor.Rows;
            int ranges = _cursor.Skipped.Count;
            Swept swept = await SweepOnceAsync(_cursor.Skipped, cancel);
            switch (swept)
            {
                case Swept.Rewritten:
                    return await RunAsync(cancel);
                case Swept.Failed failed:
                    return failed.Outcome;
            }

            if (_cursor.Rows != rows || _cursor.Skipped.Count != ranges)
            {
                (fruitless, delay) = (0, TimeSpan.FromMilliseconds(100));
                continue;
            }

            string? holder = await _run.Engine.Batches.LockHolderAsync(_target.Relation, cancel);
            fruitless = holder is null && swept is not Swept.Locked ? fruitless + 1 : 0;
            if (fruitless >= FruitlessRounds)
            {
                return new StepOutcome.Failed(Unfillable());
            }

            await _throttle.WaitAsync($"Waiting for rows that an app has locked{(holder is null ? "." : $": {holder}.")}", RunContext.Jittered(delay), cancel);
            delay = delay * 2 < TimeSpan.FromSeconds(5) ? delay * 2 : TimeSpan.FromSeconds(5);
        }

        return new StepOutcome.Done();
    }

    private async Task<Swept> SweepOnceAsync(IReadOnlyList<BlockRange> ranges, CancellationToken cancel)
    {
        Swept swept = new Swept.All();
        foreach (BlockRange range in ranges)
        {
            switch (await FillUnlockedAsync(range, cancel))
            {
                case BatchResult.Filled filled:
                    _cursor = _cursor with { Rows = filled.RowsDone };
                    if (filled.Left == 0 && await SettleAsync(range, filled.Failed, cancel) is { } tooMany)
                    {
                        return new Swept.Failed(tooMany);
                    }

                    break;
                case BatchResult.RowLocked:
                    // Rows of the table itself are skipped when locked: a trigger of it writes elsewhere.
                    swept = new Swept.Locked();
                    break;
                case BatchResult.TooSlow when range.Blocks == 1:
                    return new Swept.Failed(TooSlow(range));
                case BatchResult.TooSlow or BatchResult.RowsFail:
                    await SaveAsync(_cursor with { Skipped = [.. _cursor.Skipped.Where(other => other != range), .. PartsOf(range)] }, cancel);
                    break;
                case BatchResult.Rewritten:
                    await StartOverAsync(cancel);
                    return new Swept.Rewritten();
            }
        }

        return swept;
    }

    /// <summary>Null when the table was locked as a whole.</summary>
    private async Task<BatchResult?> FillUnlockedAsync(BlockRange range, CancellationToken cancel)
    {
        await _throttle.WaitUntilClearAsync(cancel);
        IReadOnlyList<BatchResult> results = await SendAsync([BatchOf(range, FillMode.Unlocked)], cancel);
        return results.SingleOrDefault() is BatchResult.RowsFail && range.Blocks <= RowFailures.MostBlocks
            ? (await SendAsync([BatchOf(range, FillMode.Each)], cancel)).SingleOrDefault()
            : results.SingleOrDefault();
    }

    /// <summary>Nothing is left of a skipped range but rows that raise an error. Null while those are few.</summary>
    private async Task<StepOutcome.Failed?> SettleAsync(BlockRange range, FailedRows failed, CancellationToken cancel)
    {
        BackfillCursor settled = _cursor with { Skipped = [.. _cursor.Skipped.Where(other => other != range)], Failed = _cursor.Failed.Plus(failed) };
        _failures.Tell(settled.Failed, isDone: false);
        StepOutcome.Failed? tooMany = _failures.TooMany(settled.Failed);
        await SaveAsync(tooMany is null ? settled : settled with { Next = 0, GroupEnd = 0, Skipped = [], Failed = FailedRows.None }, cancel);
        return tooMany;
    }

    /// <summary>What came of the batches, without one that found the whole table locked: that was waited for, and it is to be sent again.</summary>
    private async Task<IReadOnlyList<BatchResult>> SendAsync(IReadOnlyList<Batch> batches, CancellationToken cancel)
    {
        long began = _run.Time.GetTimestamp();
        BatchResults sent = await _run.Engine.Batches.FillAsync(batches, cancel);
        BatchResult.Filled[] filled = [.. sent.Results.OfType<BatchResult.Filled>()];
        if (filled.Length > 0)
        {
            TimeSpan rested = TimeSpan.FromTicks(batches.Take(filled.Length).Sum(batch => batch.Rest.Ticks));
            TimeSpan worked = sent.OnServer - rested;
            TimeSpan idle = _run.Time.GetElapsedTime(began) - worked;
            _lastTook = filled[^1].Took;
            _progress.Add(began, filled.Sum(batch => batch.Rows));
            _progress.Tell(_cursor with { Rows = filled[^1].RowsDone }, filled[^1].Took, _sizer.Blocks);
            await _throttle.RestAsync(worked, idle, cancel);
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

    private Batch BatchOf(BlockRange range, FillMode mode) => new()
    {
        Key = _key,
        Plan = _run.Plan,
        Target = _target,
        Range = range,
        Mode = mode,
        Generation = _cursor.Generation,
        Lease = _run.Lease,
        Limit = LimitOf(range),
        RowsPerSecond = _progress.RowsPerSecond,
    };

    /// <summary>An app at work gets the other cores.</summary>
    private int WorkersNow => _throttle.IsBusy ? 1 : _target.Workers;

    private long LargestNow => (_target.Passes.Count > 1, _throttle.IsBusy) switch
    {
        (true, true) => LargestGroupBesideApp,
        (true, false) => LargestGroup * WorkersNow,
        _ => long.MaxValue,
    };

    /// <summary>What cannot be made smaller may take its time.</summary>
    private TimeSpan LimitOf(BlockRange range) => range.Blocks > 1 ? TimeSpan.FromMilliseconds(_run.Plan.Limits.HoldBudgetMs) : LongestBlock;

    private async Task PauseAsync(CancellationToken cancel)
    {
        await new Pause(_run).WaitAsync(cancel);
        await _throttle.ReadAnewAsync();
    }

    private async Task WaitForTableAsync(CancellationToken cancel)
    {
        string? holder = await _run.Engine.Batches.LockHolderAsync(_target.Relation, cancel);
        await _throttle.WaitAsync(
            $"{_target.Relation} is locked as a whole{(holder is null ? "" : $" by {holder}")}. Waiting without queueing.", RunContext.Jittered(TableLockPoll), cancel);
        await PauseAsync(cancel);
    }

    private async Task LookForObstacleAsync(CancellationToken cancel)
    {
        string? obstacle = await _obstacles.LatestAsync(cancel);
        if (obstacle is not null && _obstacle is null)
        {
            _run.Emit(new RunEvent.Note($"{obstacle} Until it ends rows cannot be filled in place: the table grows more, nothing else changes."));
        }

        _obstacle = obstacle;
    }

    private async Task StartOverAsync(CancellationToken cancel)
    {
        _run.Emit(new RunEvent.Note($"{_target.Relation} was rewritten by somebody else; its rows have moved, so the scan starts over. Rows already filled are not written again."));
        _cursor = await RestartAsync(cancel);
    }

    private async Task SaveAsync(BackfillCursor cursor, CancellationToken cancel)
    {
        await _run.Engine.Batches.SaveAsync(_key, cursor, _run.Lease, cancel);
        _cursor = cursor;
    }

    private static IEnumerable<BlockRange> PartsOf(BlockRange group)
    {
        long step = Math.Max(1, group.Blocks / PartsOfSkippedGroup);
        for (long start = group.Start; start < group.End; start += step)
        {
            yield return new BlockRange(start, Math.Min(group.End, start + step));
        }
    }

    private StepOutcome.Failed TooSlow(BlockRange block) => new(
        $"Filling block {block.Start} of {_target.Relation}, a single one, did not end within {Plain.Duration(LongestBlock)}. Make the backfill expression or the table's triggers "
        + "faster (does an index for a lookup fail?), then `segue apply` again.");

    private string Unfillable() =>
        $"Some rows of {_target.Relation} stay unfilled though nobody holds them (blocks {string.Join(", ", _cursor.Skipped.Take(5).Select(range => $"{range.Start}-{range.End}"))}). "
        + "Either the backfill expression gives NULL for them, or a trigger or rule of the table discards the update. Correct that, then `segue apply` again.";
}

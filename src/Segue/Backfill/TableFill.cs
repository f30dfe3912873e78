using Segue.Execution;
using Segue.Planning;
using Segue.Throttling;

namespace Segue.Backfill;

/// <summary>
/// Fills one physical table: groups of blocks, each in passes that keep rows on their pages, then sweeps over what apps had locked.
/// Everything it knows is in the cursor, which commits with each batch.
/// </summary>
internal sealed class TableFill
{
    private const long FirstGroup = 200;

    /// <summary>For each worker. Larger groups are no faster (measured), and a batch holds its row locks for longer.</summary>
    private const long LargestGroup = 512;

    /// <summary>Some milliseconds of work at a time: what an app has to wait for a core grows with the length of a batch.</summary>
    private const long LargestGroupBesideApp = 128;

    /// <summary>In one pass there may be little to write, and the range is mostly read.</summary>
    private const long LargestRange = 4096;
    private const int PartsOfSkippedGroup = 8;

    /// <summary>Rounds of sweeps without progress, with nobody holding a row, after which something else keeps rows from being filled.</summary>
    private const int FruitlessRounds = 5;

    private static readonly TimeSpan LongestBlock = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TableLockPoll = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan ObstacleLookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(200);

    private readonly RunContext _run;
    private readonly Throttle _throttle;
    private readonly BackfillTarget _target;
    private readonly BackfillKey _key;
    private readonly bool _isSweep;
    private readonly BatchSizer _sizer;
    private readonly RateMeter _rate;
    private BackfillCursor _cursor = null!;
    private string? _obstacle;
    private long? _obstacleLookedAt;
    private long? _progressToldAt;

    public TableFill(RunContext run, Throttle throttle, BackfillStep step, BackfillTarget target)
    {
        _run = run;
        _throttle = throttle;
        _target = target;
        _key = new BackfillKey(run.Plan.Change, step.Id, target.Relation);
        _isSweep = step.IsSweep;
        _sizer = new BatchSizer(FirstGroup, TimeSpan.FromMilliseconds(run.Plan.Limits.BatchTargetMs), (target.Passes.Count > 1 ? LargestGroup : LargestRange) * target.Workers);
        _rate = new RateMeter(run.Time);
    }

    public async Task<StepOutcome> RunAsync(CancellationToken cancel)
    {
        _cursor = await _run.Engine.Batches.CursorAsync(_key, cancel) ?? await RestartAsync(cancel);
        while (_cursor.Next < _cursor.End)
        {
            if (await FillGroupAsync(cancel) is { } failed)
            {
                return failed;
            }
        }

        StepOutcome outcome = await SweepAsync(cancel);
        if (outcome is StepOutcome.Done && !_cursor.Finished)
        {
            await SaveAsync(_cursor with { Finished = true }, cancel);
            Tell(TimeSpan.Zero, always: true);
        }

        return outcome;
    }

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

    /// <summary>Null when it is filled, or is to be begun again.</summary>
    private async Task<StepOutcome.Failed?> FillGroupAsync(CancellationToken cancel)
    {
        if (_cursor.GroupEnd <= _cursor.Next)
        {
            await LookForObstacleAsync(cancel);
            _cursor = _cursor with
            {
                GroupEnd = Math.Min(_cursor.End, _cursor.Next + Math.Min(_sizer.Blocks, LargestNow)),
                Pass = 0,
                Passes = _obstacle is null ? _target.Passes.Count : 1,
            };
        }

        BlockRange group = new(_cursor.Next, _cursor.GroupEnd);
        TimeSpan slowest = TimeSpan.Zero;
        while (_cursor.Next < group.End)
        {
            bool last = _cursor.Pass + 1 >= _cursor.Passes;
            BackfillCursor after = last ? _cursor with { Next = group.End, Pass = 0 } : _cursor with { Pass = _cursor.Pass + 1 };
            switch (await FillAsync(group, last ? FillMode.Rest : FillMode.Part, after, cancel))
            {
                case BatchResult.Filled filled:
                    _cursor = after with { Rows = _cursor.Rows + filled.Rows };
                    slowest = filled.Took > slowest ? filled.Took : slowest;
                    break;
                case BatchResult.RowLocked:
                    // Give way at once; the sweep comes back in smaller parts that skip what is locked.
                    await SaveAsync(_cursor with { Next = group.End, Pass = 0, Skipped = [.. _cursor.Skipped, .. PartsOf(group)] }, cancel);
                    break;
                case BatchResult.TooSlow when group.Blocks == 1:
                    return TooSlow(group);
                case BatchResult.TooSlow:
                    _sizer.Observe(group.Blocks, LimitOf(group));
                    _cursor = _cursor with { GroupEnd = _cursor.Next, Pass = 0 };
                    return null;
                case BatchResult.Rewritten:
                    await StartOverAsync(cancel);
                    return null;
            }
        }

        if (slowest > TimeSpan.Zero)
        {
            _sizer.Observe(group.Blocks, slowest);
        }

        return null;
    }

    private async Task<StepOutcome> SweepAsync(CancellationToken cancel)
    {
        int fruitless = 0;
        TimeSpan delay = TimeSpan.FromMilliseconds(100);
        while (_cursor.Skipped.Count > 0)
        {
            long rows = _cursor.Rows;
            int ranges = _cursor.Skipped.Count;
            Swept swept = await SweepOnceAsync(cancel);
            switch (swept)
            {
                case Swept.Rewritten:
                    return await RunAsync(cancel);
                case Swept.TooSlow slow:
                    return TooSlow(slow.Range);
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

    private async Task<Swept> SweepOnceAsync(CancellationToken cancel)
    {
        Swept swept = new Swept.All();
        foreach (BlockRange range in _cursor.Skipped)
        {
            switch (await FillAsync(range, FillMode.Unlocked, _cursor, cancel))
            {
                case BatchResult.Filled filled:
                    _cursor = _cursor with { Rows = _cursor.Rows + filled.Rows };
                    if (filled.Left == 0)
                    {
                        await SaveAsync(_cursor with { Skipped = [.. _cursor.Skipped.Where(other => other != range)] }, cancel);
                    }

                    break;
                case BatchResult.RowLocked:
                    // Rows of the table itself are skipped when locked: a trigger of it writes elsewhere.
                    swept = new Swept.Locked();
                    break;
                case BatchResult.TooSlow when range.Blocks == 1:
                    return new Swept.TooSlow(range);
                case BatchResult.TooSlow:
                    await SaveAsync(_cursor with { Skipped = [.. _cursor.Skipped.Where(other => other != range), .. PartsOf(range)] }, cancel);
                    break;
                case BatchResult.Rewritten:
                    await StartOverAsync(cancel);
                    return new Swept.Rewritten();
            }
        }

        return swept;
    }

    private async Task<BatchResult> FillAsync(BlockRange range, FillMode mode, BackfillCursor after, CancellationToken cancel)
    {
        while (true)
        {
            await _throttle.WaitUntilClearAsync(cancel);
            long began = _run.Time.GetTimestamp();
            BatchResult result = await _run.Engine.Batches.FillAsync(BatchOf(range, mode, after), cancel);
            switch (result)
            {
                case BatchResult.Filled filled:
                    await AfterAsync(filled, began, cancel);
                    return result;
                case BatchResult.TableLocked:
                    await WaitForTableAsync(cancel);
                    break;
                default:
                    return result;
            }
        }
    }

    private Batch BatchOf(BlockRange range, FillMode mode, BackfillCursor after) => new()
    {
        Key = _key,
        Plan = _run.Plan,
        Target = _target,
        Range = range,
        Mode = mode,
        After = after,
        Lease = _run.Lease,
        Limit = LimitOf(range),
        Share = mode == FillMode.Part ? _target.Passes[_cursor.Pass] : 256,
        Workers = mode == FillMode.Unlocked ? 1 : WorkersNow,
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

    private async Task AfterAsync(BatchResult.Filled filled, long began, CancellationToken cancel)
    {
        _rate.Add(began, filled.Rows);
        Tell(filled.Took);
        await _throttle.RestAsync(filled.Took, cancel);
        if (filled.PauseRequested)
        {
            await PauseAsync(cancel);
        }
    }

    private async Task PauseAsync(CancellationToken cancel)
    {
        await new Pause(_run).WaitAsync(cancel);
        _throttle.ReadAnew();
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
        if (_obstacleLookedAt is { } last && _run.Time.GetElapsedTime(last) < ObstacleLookEvery)
        {
            return;
        }

        _obstacleLookedAt = _run.Time.GetTimestamp();
        string? obstacle = await _run.Engine.Batches.PruningObstacleAsync(cancel);
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

    private void Tell(TimeSpan batch, bool always = false)
    {
        if (!always && _progressToldAt is { } last && _run.Time.GetElapsedTime(last) < ProgressEvery)
        {
            return;
        }

        _progressToldAt = _run.Time.GetTimestamp();
        double rate = _rate.RowsPerSecond;
        double left = _cursor.End == 0 ? 0 : (double)(_cursor.End - _cursor.Next) / _cursor.End * _cursor.RowsTotal;
        _run.Emit(new RunEvent.Filled(new BackfillProgress
        {
            Relation = _target.Relation,
            Rows = _cursor.Rows,
            RowsTotal = _cursor.RowsTotal,
            BlocksDone = _cursor.Next,
            BlocksTotal = _cursor.End,
            BlocksSkipped = _cursor.Skipped.Sum(range => range.Blocks),
            RowsPerSecond = rate,
            Eta = rate > 0 ? TimeSpan.FromSeconds(left / rate) : null,
            LastBatch = batch,
            BlocksPerGroup = _sizer.Blocks,
        }));
    }

    /// <summary>How a round of sweeps ended.</summary>
    private abstract record Swept
    {
        public sealed record All : Swept;

        /// <summary>Somewhere a row was waited for in vain.</summary>
        public sealed record Locked : Swept;

        /// <summary>The table was rewritten meanwhile: everything starts over.</summary>
        public sealed record Rewritten : Swept;

        public sealed record TooSlow(BlockRange Range) : Swept;
    }
}

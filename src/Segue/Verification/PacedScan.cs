using Segue.Backfill;
using Segue.Engines;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Verification;

/// <summary>
/// One scan of a table in ranges sized by time, so that none holds an old snapshot for long; beside an app in short
/// ones with rests between them.
/// </summary>
internal sealed class PacedScan(RunContext run, Throttle throttle, VerifyScan scan)
{
    private const long FirstRange = 256;
    private const long FirstRangeBesideApp = 16;
    private const long LargestRange = 64 * 1024;
    private const int MostSamples = 10;
    private static readonly TimeSpan IdleTarget = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// What an app has to wait for a core grows with the length of a range, even though nothing is locked.
    /// </summary>
    private static readonly TimeSpan MostBesideApp = TimeSpan.FromMilliseconds(12);

    private readonly Tally[] _tallies = [.. scan.Checks.Select(_ => Tally.Empty)];

    /// <returns>What each of its checks found.</returns>
    public async Task<IReadOnlyList<Tally>> RunAsync(CancellationToken cancel)
    {
        long end = 0;
        long next = 0;
        bool wasBusy = false;
        BatchSizer sizer = Sizer(wasBusy);
        while (true)
        {
            // Rows may move to new blocks while the scan runs: the end is where the table ends when the scan gets
            // there.
            end = next < end ? end : await run.Execution.Verifier.BlocksAsync(scan.Relation, cancel);
            if (next >= end)
            {
                return _tallies;
            }

            await new Pause(run).WaitAsync(cancel);
            await throttle.WaitUntilClearAsync(cancel);
            (sizer, wasBusy) =
                throttle.IsBusy == wasBusy ? (sizer, wasBusy) : (Sizer(throttle.IsBusy), throttle.IsBusy);
            BlockRange range = new(next, Math.Min(end, next + sizer.Blocks));
            TimeSpan took = await CountAsync(range, cancel);
            sizer.Observe(range.Blocks, took);
            next = range.End;
            run.Emit(
                new RunEvent.Verified(scan.Relation, _tallies[0].Compared, _tallies.Sum(tally => tally.Mismatches))
            );
            await throttle.RestAsync(took, rested: TimeSpan.Zero, cancel);
        }
    }

    private TimeSpan TargetBesideApp =>
        TimeSpan.FromMilliseconds(Math.Min(run.Plan.Limits.BatchTargetMs, MostBesideApp.TotalMilliseconds));

    private BatchSizer Sizer(bool busy) =>
        busy
            ? new BatchSizer(FirstRangeBesideApp, TargetBesideApp, LargestRange)
            : new BatchSizer(FirstRange, IdleTarget, LargestRange);

    private async Task<TimeSpan> CountAsync(BlockRange range, CancellationToken cancel)
    {
        RangeCounts counts = await run.Execution.Verifier.CountAsync(run.Plan, scan, range, cancel);
        for (int i = 0; i < _tallies.Length; i++)
        {
            if (counts.RowsFail)
            {
                _tallies[i] = _tallies[i]
                    .Plus(await run.Execution.Verifier.CompareAsync(run.Plan, scan.Checks[i], range, cancel));
                continue;
            }

            bool isNamed = counts.Mismatches[i] > 0 && _tallies[i].Samples.Count < MostSamples;
            IReadOnlyList<string> samples = isNamed
                ? (await run.Execution.Verifier.CompareAsync(run.Plan, scan.Checks[i], range, cancel)).Samples
                : [];
            _tallies[i] = _tallies[i].Plus(new Tally(counts.Compared, counts.Mismatches[i], samples));
        }

        return counts.Took;
    }
}

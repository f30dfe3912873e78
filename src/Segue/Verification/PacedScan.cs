using Segue.Backfill;
using Segue.Engines;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Verification;

/// <summary>
/// One scan of a table in ranges sized by time, so that none holds an old snapshot for long. While an app is active the
/// ranges are short, with rests between them.
/// </summary>
internal sealed class PacedScan(RunContext run, Throttle throttle, VerifyScan scan)
{
    private const int MostSamples = 10;
    private static readonly TimeSpan IdleTarget = TimeSpan.FromMilliseconds(250);

    /// <summary>An app waits for a core as long as a range takes, even though nothing is locked.</summary>
    private static readonly TimeSpan MostBesideApp = TimeSpan.FromMilliseconds(12);

    private IRanges Ranges => run.Execution.Ranges;

    private readonly Tally[] _tallies = [.. scan.Checks.Select(_ => Tally.Empty)];

    /// <returns>The findings of each of its checks.</returns>
    public async Task<IReadOnlyList<Tally>> RunAsync(CancellationToken cancel)
    {
        RowRange? scanned = null;
        RowRange? remaining = null;
        bool wasBusy = false;
        BatchSizer sizer = Sizer(wasBusy);
        while (true)
        {
            // Rows may move to the table's end while the scan runs: the end is where it is when the scan gets there.
            remaining = remaining is { IsEmpty: false }
                ? remaining
                : await Ranges.RemainingAsync(scan.Relation, scanned, cancel);
            if (remaining.IsEmpty)
            {
                return _tallies;
            }

            await new Pause(run).WaitAsync(cancel);
            await throttle.WaitUntilClearAsync(cancel);
            (sizer, wasBusy) =
                throttle.IsBusy == wasBusy ? (sizer, wasBusy) : (Sizer(throttle.IsBusy), throttle.IsBusy);
            RowRange range = await Ranges.HeadAsync(scan.Relation, remaining, sizer.Units, cancel);
            TimeSpan took = await CountAsync(range, cancel);
            sizer.Observe(range.Units, took);
            (scanned, remaining) = (range, remaining.After(range));
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
            ? new BatchSizer(Ranges.Sizes.FirstScanBesideApp, TargetBesideApp, Ranges.Sizes.LargestScan)
            : new BatchSizer(Ranges.Sizes.FirstScan, IdleTarget, Ranges.Sizes.LargestScan);

    private async Task<TimeSpan> CountAsync(RowRange range, CancellationToken cancel)
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
            Tally named = isNamed
                ? await run.Execution.Verifier.CompareAsync(run.Plan, scan.Checks[i], range, cancel)
                : Tally.Empty;
            Tally counted = new(counts.Compared, counts.Mismatches[i], named.Samples);
            _tallies[i] = _tallies[i].Plus(counted with { NamesByPlace = named.NamesByPlace });
        }

        return counts.Took;
    }
}

using Segue.Engines;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>Scans in memory: which rows lack a value that they should have?</summary>
internal sealed class MemoryVerifier(MemoryDatabase database) : IVerifier
{
    public async Task<RangeCounts> CountAsync(Plan plan, VerifyScan scan, RowRange range, CancellationToken cancel)
    {
        TimeSpan took = database.PerRow * Math.Max(1, range.Units);
        await Task.Delay(took, database.Time, cancel);
        Tally[] tallies = [.. scan.Checks.Select(check => Compare(check, (KeyRange)range))];
        return new RangeCounts(tallies[0].Compared, [.. tallies.Select(tally => tally.Mismatches)], took)
        {
            RowsFail = tallies.Any(tally => tally.Failed.Count > 0),
        };
    }

    public Task<Tally> CompareAsync(Plan plan, VerifyCheck check, RowRange range, CancellationToken cancel) =>
        Task.FromResult(Compare(check, (KeyRange)range));

    public Task<Tally> CompareWholeAsync(Plan plan, VerifyCheck check, double rest, CancellationToken cancel) =>
        Task.FromResult(Compare(check, KeyRange.All));

    private Tally Compare(VerifyCheck check, KeyRange range)
    {
        database.Answer();
        MemoryTable table = database.State.Table(check.Relation);
        MemoryFill fill = new(check.Query, table);
        long[] missing = [.. fill.Unfilled(range)];
        FailedRow[] failing = [.. missing.Select(fill.ErrorOf).OfType<FailedRow>()];
        return new Tally(
            table.Rows.Keys.Count(range.Holds),
            missing.Length,
            [.. missing.Take(10).Select(key => $"{MemoryTable.Key}={key}")]
        )
        {
            Failed = new FailedRows(failing.Length, [.. failing.Take(10)]),
        };
    }
}

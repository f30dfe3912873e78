using Segue.Engines;

namespace Segue.Tests.Memory;

/// <summary>Tables in ranges of keys, as an engine without addresses of rows divides them.</summary>
internal sealed class MemoryRanges(MemoryDatabase database) : IRanges
{
    public RangeSizes Sizes { get; } =
        new()
        {
            LargestGroup = 1000,
            LargestGroupBesideApp = 100,
            LargestRange = 4000,
            FewForFailures = 16,
            FirstScan = 500,
            FirstScanBesideApp = 50,
            LargestScan = 10_000,
        };

    public Task<TableExtent> MeasureAsync(string relation, CancellationToken cancel)
    {
        KeyRange whole = Behind(relation, long.MinValue);
        return Task.FromResult(new TableExtent(whole, whole.Rows) { FirstGroup = 100, MostPasses = 8 });
    }

    public async ValueTask<RowRange> HeadAsync(string relation, RowRange range, long units, CancellationToken cancel)
    {
        // A server is asked here: which key is the last one of so many rows?
        await Task.Yield();
        KeyRange of = (KeyRange)range;
        long[] keys = [.. Keys(relation, of).Take((int)Math.Min(units, int.MaxValue - 1) + 1)];
        return keys.Length <= units ? of : of with { UpTo = keys[^2], Rows = units };
    }

    public async ValueTask<IReadOnlyList<RowRange>> SplitAsync(
        string relation,
        RowRange range,
        int parts,
        CancellationToken cancel
    )
    {
        List<RowRange> split = [];
        for (RowRange rest = range; !rest.IsEmpty; rest = rest.After(split[^1]))
        {
            split.Add(await HeadAsync(relation, rest, Math.Max(1, range.Units / parts), cancel));
        }

        return split;
    }

    public Task<RowRange> RemainingAsync(string relation, RowRange? after, CancellationToken cancel) =>
        Task.FromResult<RowRange>(Behind(relation, after is KeyRange scanned ? scanned.UpTo : long.MinValue));

    private KeyRange Behind(string relation, long above)
    {
        database.Answer();
        MemoryTable? table = database.State.Tables.GetValueOrDefault(relation);
        long[] keys = [.. (table?.Rows.Keys ?? []).Where(key => key > above)];
        return new KeyRange(above, keys.Length == 0 ? above : keys[^1], keys.Length, table?.Generation ?? 0);
    }

    private IEnumerable<long> Keys(string relation, KeyRange range)
    {
        database.Answer();
        return database.State.Tables.GetValueOrDefault(relation)?.Rows.Keys.Where(range.Holds) ?? [];
    }
}

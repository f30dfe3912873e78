namespace Segue.Lab.Traffic;

/// <summary>
/// Slices of time of equal length, whose number is limited: when all are full, neighbours are merged.
/// </summary>
internal sealed class Timeline(TimeSpan slice, int maxSlices)
{
    private List<Tally?> _slices = [];

    public TimeSpan Slice { get; private set; } = slice;

    public void Add(Lane lane, TimeSpan due, TimeSpan latency, bool failed)
    {
        while (due / Slice >= maxSlices)
            Coarsen();
        int index = (int)(due / Slice);
        while (_slices.Count <= index)
            _slices.Add(null);
        (_slices[index] ??= new Tally()).Add(lane, latency, failed);
    }

    /// <summary>The slices that a window touches.</summary>
    public IEnumerable<Tally> Touched(TimeSpan from, TimeSpan to)
    {
        for (int index = Math.Max(0, (int)(from / Slice)); index < _slices.Count && Slice * index < to; index++)
        {
            if (_slices[index] is { } tally)
                yield return tally;
        }
    }

    public IEnumerable<TrafficPoint> Points(IReadOnlyCollection<Lane> lanes)
    {
        for (int index = 0; index < _slices.Count; index++)
        {
            TrafficSummary summary = Tally.Summarize(_slices[index] is { } tally ? [tally] : [], lanes);
            yield return new TrafficPoint(
                Slice * index,
                summary.Requests / Slice.TotalSeconds,
                summary.P50,
                summary.P99,
                summary.Max,
                summary.Failed
            );
        }
    }

    private void Coarsen()
    {
        var coarse = new List<Tally?>((_slices.Count + 1) / 2);
        foreach (Tally?[] pair in _slices.Chunk(2))
        {
            Tally? first = pair[0];
            if (first is not null && pair.Length > 1 && pair[1] is { } second)
                first.Add(second);
            coarse.Add(first ?? pair[^1]);
        }

        _slices = coarse;
        Slice *= 2;
    }
}

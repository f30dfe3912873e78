namespace Segue.Lab.Traffic;

/// <summary>The results of the requests of each lane in a span of time.</summary>
internal sealed class Tally
{
    private readonly List<Cell?> _cells = [];

    public void Add(Lane lane, TimeSpan latency, bool failed)
    {
        Cell cell = At(lane.Index);
        cell.Latencies.Add(latency);
        if (failed)
            cell.Failed++;
    }

    public void Add(Tally other)
    {
        for (int index = 0; index < other._cells.Count; index++)
        {
            if (other._cells[index] is { } cell)
                At(index).Add(cell);
        }
    }

    /// <summary>Adds up the lanes of a source over several spans.</summary>
    public static TrafficSummary Summarize(IEnumerable<Tally> tallies, IReadOnlyCollection<Lane> lanes)
    {
        var total = new Cell();
        foreach (Tally tally in tallies)
        {
            foreach (Lane lane in lanes)
            {
                if (lane.Index < tally._cells.Count && tally._cells[lane.Index] is { } cell)
                    total.Add(cell);
            }
        }

        LatencyHistogram all = total.Latencies;
        return new TrafficSummary(
            all.Count,
            total.Failed,
            all.Quantile(0.5),
            all.Quantile(0.95),
            all.Quantile(0.99),
            all.Max
        );
    }

    private Cell At(int index)
    {
        while (_cells.Count <= index)
            _cells.Add(null);
        return _cells[index] ??= new Cell();
    }

    private sealed class Cell
    {
        public LatencyHistogram Latencies { get; } = new();

        public long Failed { get; set; }

        public void Add(Cell other)
        {
            Latencies.Add(other.Latencies);
            Failed += other.Failed;
        }
    }
}

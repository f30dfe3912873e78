using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>All measurements, in bounded memory.</summary>
internal sealed class TrafficRecord(TrafficOptions options)
{
    private readonly Lock _lock = new();
    private readonly List<Lane> _lanes = [];
    private readonly List<Period> _periods = [new Period("start", TimeSpan.Zero, new Tally())];
    private readonly Timeline _timeline = new(options.Slice, options.MaxSlices);
    private readonly List<TrafficError> _errors = [];

    public IReadOnlyList<TrafficError> Errors
    {
        get
        {
            lock (_lock)
                return [.. _errors];
        }
    }

    public Lane AddLane(string app, string client)
    {
        lock (_lock)
        {
            var lane = new Lane(_lanes.Count, app, client);
            _lanes.Add(lane);
            return lane;
        }
    }

    public void Mark(string name, TimeSpan now)
    {
        lock (_lock)
            _periods.Add(new Period(name, now, new Tally()));
    }

    public void Add(Lane lane, TimeSpan due, TimeSpan latency, Exception? failure)
    {
        lock (_lock)
        {
            _timeline.Add(lane, due, latency, failure is not null);
            _periods.Last(period => period.From <= due).Tally.Add(lane, latency, failure is not null);
            if (failure is not null && _errors.Count < options.MaxErrors)
                _errors.Add(Describe(lane, due, latency, failure));
        }
    }

    public TrafficSummary Summary(string? source)
    {
        lock (_lock)
            return Tally.Summarize(_periods.Select(period => period.Tally), Lanes(source));
    }

    public TrafficSummary Summary(TimeSpan from, TimeSpan to, string? source)
    {
        lock (_lock)
            return Tally.Summarize(_timeline.Touched(from, to), Lanes(source));
    }

    public IReadOnlyList<TrafficPeriod> Periods(TimeSpan now, string? source)
    {
        lock (_lock)
        {
            IReadOnlyCollection<Lane> lanes = Lanes(source);
            IEnumerable<TimeSpan> ends = _periods.Skip(1).Select(period => period.From).Append(now);
            return
            [
                .. _periods.Zip(
                    ends,
                    (period, end) =>
                        new TrafficPeriod(period.Name, period.From, end, Tally.Summarize([period.Tally], lanes))
                ),
            ];
        }
    }

    public IReadOnlyList<TrafficPoint> Series(string? source)
    {
        lock (_lock)
            return [.. _timeline.Points(Lanes(source))];
    }

    private List<Lane> Lanes(string? source) => _lanes.FindAll(lane => lane.IsOf(source));

    private static TrafficError Describe(Lane lane, TimeSpan due, TimeSpan latency, Exception failure)
    {
        string message =
            failure is OperationCanceledException ? "not answered by the end of the traffic" : failure.Message;
        return new TrafficError(due, lane.App, lane.Client, latency, (failure as PostgresException)?.SqlState, message);
    }

    private sealed record Period(string Name, TimeSpan From, Tally Tally);
}

using Segue.Lab.Traffic;
using Segue.Planning;
using Segue.Running;

namespace Segue.Cli.Demo;

/// <summary>A part of the demo on the traffic's clock.</summary>
internal sealed record Span(string Name, TimeSpan From, TimeSpan To)
{
    public TimeSpan Length => To - From;
}

/// <summary>Begin and end of each part of the demo, and the speed of the backfill.</summary>
internal sealed class Chronicle(TrafficRun traffic)
{
    public const string Baseline = "baseline";
    public const string Planning = "plan";
    public const string After = "after";

    private readonly Lock _lock = new();
    private readonly List<(string Name, TimeSpan From)> _entries = [];
    private readonly List<(long Rows, TimeSpan Took)> _fills = [];
    private TimeSpan? _end;
    private long _rows;

    public IReadOnlyList<Span> Spans
    {
        get
        {
            lock (_lock)
            {
                IEnumerable<TimeSpan> ends = _entries
                    .Skip(1)
                    .Select(entry => entry.From)
                    .Append(_end ?? traffic.Elapsed);
                return [.. _entries.Zip(ends, (entry, end) => new Span(entry.Name, entry.From, end))];
            }
        }
    }

    /// <summary>Over everything that was filled, rests included.</summary>
    public double RowsPerSecond
    {
        get
        {
            lock (_lock)
            {
                double seconds = _fills.Sum(fill => fill.Took.TotalSeconds);
                return seconds > 0 ? Math.Round(_fills.Sum(fill => fill.Rows) / seconds) : 0;
            }
        }
    }

    /// <summary>A part begins; the one before it ends.</summary>
    /// <returns>False: it continues, as a stage does after its gate.</returns>
    public bool Enter(string name)
    {
        lock (_lock)
        {
            if (_entries.Count > 0 && _entries[^1].Name == name)
            {
                return false;
            }

            _entries.Add((name, traffic.Elapsed));
            traffic.Mark(name);
            return true;
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _end = traffic.Elapsed;
        }
    }

    /// <returns>False: it is already known.</returns>
    public bool Record(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.StageStarted started:
                return Enter(started.Stage);
            case RunEvent.Filled { Progress.Rows: var rows }:
                lock (_lock)
                {
                    _rows = rows;
                }

                break;
            case RunEvent.StepEnded { Step: BackfillStep, Took: var took }:
                lock (_lock)
                {
                    _fills.Add((_rows, took));
                    _rows = 0;
                }

                break;
        }

        return true;
    }
}

using Segue.Cli.Rendering;
using Segue.Lab.Traffic;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Demo;

/// <summary>The result of the demo.</summary>
internal sealed record DemoResult
{
    public required DemoChange Change { get; init; }

    /// <summary>Orders at the start.</summary>
    public required int Rows { get; init; }

    /// <summary>Requests per second that were offered.</summary>
    public required int Rate { get; init; }

    /// <summary>E.g. <c>PostgreSQL 18.4</c>.</summary>
    public required string Server { get; init; }

    /// <summary>The table of orders with its indexes, before the change.</summary>
    public required long Bytes { get; init; }

    public required Plan Plan { get; init; }

    public required IReadOnlyList<StageProgress> Stages { get; init; }

    /// <summary>Segue's own comparison.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    public required double RowsPerSecond { get; init; }

    /// <summary>Baseline, stages, after: one after the other.</summary>
    public required IReadOnlyList<Span> Spans { get; init; }

    public required DemoTraffic Traffic { get; init; }

    public required Proof Proof { get; init; }

    /// <summary>The server that was left running; null if it was stopped.</summary>
    public KeptServer? Kept { get; init; }

    public bool IsGood => Traffic.Total.Failed == 0 && Proof.Holds;
}

/// <summary>Results of the applications' requests.</summary>
internal sealed record DemoTraffic
{
    public required TrafficSummary Total { get; init; }

    public required TrafficSummary Before { get; init; }

    /// <summary>From planning to the end of the last stage.</summary>
    public required TrafficSummary During { get; init; }

    /// <summary>Part by part.</summary>
    public required IReadOnlyList<TrafficPeriod> Periods { get; init; }

    public required IReadOnlyList<TrafficPoint> All { get; init; }

    public required IReadOnlyList<TrafficPoint> Old { get; init; }

    public required IReadOnlyList<TrafficPoint> New { get; init; }

    public required IReadOnlyList<TrafficError> Errors { get; init; }

    /// <summary>Results of requests during one part; null if there were none.</summary>
    public TrafficSummary? Part(string name) =>
        Periods.LastOrDefault(period => period.Name == name && period.Summary.Requests > 0)?.Summary;

    public static DemoTraffic Of(TrafficRun run, IReadOnlyList<Span> spans)
    {
        Span baseline = spans.First(span => span.Name == Chronicle.Baseline);
        IReadOnlyList<TrafficPeriod> periods = run.Periods();
        Span after = spans.First(span => span.Name == Chronicle.After);
        return new DemoTraffic
        {
            Total = run.Summary(),
            Before = periods.First(period => period.Name == Chronicle.Baseline).Summary,
            During = run.Summary(baseline.To, after.From),
            Periods = periods,
            All = run.Series(),
            Old = run.Series(OrdersWorkload.OldAppName),
            New = run.Series(OrdersWorkload.NewAppName),
            Errors = run.Errors,
        };
    }
}

/// <param name="Url">For any client.</param>
/// <param name="Changes">The directory of change files.</param>
/// <param name="Stop">A command that stops it and removes its data.</param>
internal sealed record KeptServer(string Url, string Changes, string Stop);

using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <param name="Rate">Requests answered per second.</param>
internal sealed record TrafficMoment(double Rate, TimeSpan P99, TimeSpan Max, long Failed);

/// <summary>The traffic second by second, for display.</summary>
internal sealed class TrafficWatch(TrafficRun traffic)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Recently = TimeSpan.FromSeconds(5);

    private readonly List<TrafficMoment> _moments = [];
    private TimeSpan _sampled;

    public IReadOnlyList<TrafficMoment> Moments => _moments;

    public TrafficSummary Total { get; private set; } = traffic.Summary();

    /// <summary>The last seconds.</summary>
    public TrafficMoment? Now { get; private set; }

    /// <summary>Reads again when a second has passed.</summary>
    public void Look()
    {
        TimeSpan now = traffic.Elapsed;
        TimeSpan passed = now - _sampled;
        if (passed < Every)
        {
            return;
        }

        TrafficSummary total = traffic.Summary();
        TrafficSummary second = traffic.Summary(_sampled, now);
        TrafficSummary recent = traffic.Summary(now > Recently ? now - Recently : TimeSpan.Zero, now);
        _moments.Add(
            new TrafficMoment(
                (total.Requests - Total.Requests) / passed.TotalSeconds,
                second.P99,
                second.Max,
                total.Failed - Total.Failed
            )
        );
        Now = new TrafficMoment(
            _moments.TakeLast(5).Average(moment => moment.Rate),
            recent.P99,
            recent.Max,
            recent.Failed
        );
        (Total, _sampled) = (total, now);
    }
}

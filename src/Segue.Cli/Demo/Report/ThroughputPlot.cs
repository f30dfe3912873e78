using System.Xml.Linq;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo.Report;

/// <summary>Requests per second over time, those of the new application on top of those of the old one.</summary>
internal sealed class ThroughputPlot(TimeAxis axis, DemoTraffic traffic, double offered)
{
    private const double Top = 8;
    private const double Bottom = 128;
    private const double Height = Bottom + 26;

    private readonly IReadOnlyList<TrafficPoint> _all = axis.Seen(traffic.All);
    private readonly double _high = RoundNumbers.Above(offered * 1.3);

    public XElement Draw()
    {
        Dictionary<TimeSpan, double> old = traffic.Old.ToDictionary(point => point.At, point => point.Rate);
        return Markup.Tag(
            "svg",
            new XAttribute("viewBox", $"0 0 {TimeAxis.Width} {Height}"),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", "Requests per second over time"),
            axis.Bands(Top, Bottom),
            Grid(),
            axis.Ticks(Bottom),
            Area("old", point => (0, Math.Min(point.Rate, old.GetValueOrDefault(point.At)))),
            Area("new", point => (Math.Min(point.Rate, old.GetValueOrDefault(point.At)), point.Rate)),
            Markup.Line("offered", TimeAxis.Left, Y(offered), TimeAxis.Right, Y(offered)),
            axis.Hits(_all, Top, Bottom, point => $"{point.Rate:0} requests/s, {point.Failed} failed")
        );
    }

    private IEnumerable<XElement> Grid()
    {
        foreach (double share in (double[])[0, 0.5, 1])
        {
            yield return Markup.Line("grid", TimeAxis.Left, Y(_high * share), TimeAxis.Right, Y(_high * share));
            yield return Markup.Words("y", TimeAxis.Left - 8, Y(_high * share) + 4, $"{_high * share:0.#}/s");
        }
    }

    /// <summary>Steps, slice by slice: a rate holds for its whole slice.</summary>
    private XElement? Area(string @class, Func<TrafficPoint, (double From, double To)> rates)
    {
        List<(double X, double Y)> upper = [];
        List<(double X, double Y)> lower = [];
        foreach ((TrafficPoint point, TrafficPoint next) in _all.Zip(_all.Skip(1)))
        {
            (double from, double to) = rates(point);
            upper.AddRange([(axis.X(point.At), Y(to)), (axis.X(next.At), Y(to))]);
            lower.AddRange([(axis.X(point.At), Y(from)), (axis.X(next.At), Y(from))]);
        }

        lower.Reverse();
        return upper.Count == 0 ? null : Markup.Path(@class, [.. upper, .. lower], closed: true);
    }

    private double Y(double rate) => Bottom - (Math.Clamp(rate / _high, 0, 1) * (Bottom - Top));
}

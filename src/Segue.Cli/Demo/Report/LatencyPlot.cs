using System.Xml.Linq;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo.Report;

/// <summary>Median, 99th percentile and slowest request over time, on a logarithmic scale.</summary>
internal sealed class LatencyPlot(TimeAxis axis, DemoTraffic traffic)
{
    private const double Top = 52;
    private const double Bottom = 340;
    private const double Height = Bottom + 26;

    private readonly IReadOnlyList<TrafficPoint> _points = axis.Seen(traffic.All);
    private readonly (double Low, double High) _range = RangeOf(axis.Seen(traffic.All));

    public XElement Draw() =>
        Markup.Tag(
            "svg",
            new XAttribute("viewBox", $"0 0 {TimeAxis.Width} {Height}"),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", "Latency of the applications' requests over time"),
            axis.Bands(Top, Bottom),
            Grid(),
            axis.Ticks(Bottom),
            axis.Names(Top),
            Before(),
            Slowest(),
            Markup.Path("p99", Curve(point => point.P99)),
            Markup.Path("p50", Curve(point => point.P50)),
            Failures(),
            axis.Hits(_points, Top, Bottom, Say)
        );

    private static (double Low, double High) RangeOf(IReadOnlyList<TrafficPoint> points)
    {
        double[] medians =
        [
            .. points.Where(point => point.P50 > TimeSpan.Zero).Select(point => point.P50.TotalMilliseconds),
        ];
        double low = medians.Length == 0 ? 1 : medians.Min();
        double high = points.Count == 0 ? 10 : points.Max(point => point.Max.TotalMilliseconds);
        return (RoundNumbers.Below(low), RoundNumbers.Above(Math.Max(high, low * 10)));
    }

    private double Y(TimeSpan latency)
    {
        double value = Math.Clamp(latency.TotalMilliseconds, _range.Low, _range.High);
        return Bottom - (Math.Log(value / _range.Low) / Math.Log(_range.High / _range.Low) * (Bottom - Top));
    }

    private IEnumerable<XElement> Grid()
    {
        foreach (double value in RoundNumbers.Between(_range.Low, _range.High))
        {
            double y = Y(TimeSpan.FromMilliseconds(value));
            yield return Markup.Line("grid", TimeAxis.Left, y, TimeAxis.Right, y);
            yield return Markup.Words(
                "y",
                TimeAxis.Left - 8,
                y + 4,
                value >= 1000 ? $"{value / 1000:0.#} s" : $"{value:0.##} ms"
            );
        }
    }

    private IEnumerable<XElement> Before()
    {
        double y = Y(traffic.Before.P99);
        yield return Markup.Line("before", TimeAxis.Left, y, TimeAxis.Right, y);
    }

    private IEnumerable<XElement> Slowest() =>
        _points
            .Where(point => point.Max > TimeSpan.Zero)
            .Select(point => Markup.Line("stem", Middle(point), Y(point.P99), Middle(point), Y(point.Max)));

    private IEnumerable<(double X, double Y)> Curve(Func<TrafficPoint, TimeSpan> latency) =>
        _points.Where(point => point.Max > TimeSpan.Zero).Select(point => (Middle(point), Y(latency(point))));

    private IEnumerable<XElement> Failures()
    {
        foreach (TrafficPoint point in _points.Where(point => point.Failed > 0))
        {
            yield return Markup.Line("failed", Middle(point), Top, Middle(point), Bottom);
            yield return Markup.Shape("circle", "failedmark", ("cx", Middle(point)), ("cy", Top), ("r", 4));
        }
    }

    private double Middle(TrafficPoint point) => axis.X(point.At + (Slice / 2));

    private TimeSpan Slice => _points.Count > 1 ? _points[1].At - _points[0].At : TimeSpan.Zero;

    private static string Say(TrafficPoint point) =>
        $"p50 {Plain.Duration(point.P50)}, p99 {Plain.Duration(point.P99)}, slowest {Plain.Duration(point.Max)}\n"
        + $"{point.Rate:0} requests/s, {point.Failed} failed";
}

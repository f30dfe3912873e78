using System.Xml.Linq;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo.Report;

/// <summary>The demo's time from left to right, its parts as bands: the same for every plot.</summary>
internal sealed class TimeAxis(IReadOnlyList<Span> spans)
{
    public const double Width = 1110;
    public const double Left = 58;
    public const double Right = Width - 10;

    private const double MostTicks = 14;
    private static readonly double[] Steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];

    private readonly TimeSpan _from = spans[0].From;
    private readonly double _seconds = Math.Max(0.001, (spans[^1].To - spans[0].From).TotalSeconds);

    public double X(TimeSpan at) => Left + (Math.Clamp((at - _from).TotalSeconds / _seconds, 0, 1) * (Right - Left));

    /// <summary>The points of a time series that are in the picture.</summary>
    public IReadOnlyList<TrafficPoint> Seen(IEnumerable<TrafficPoint> points) =>
        [.. points.Where(point => point.At >= _from && point.At < spans[^1].To)];

    /// <summary>Seconds since the left edge.</summary>
    public double Seconds(TimeSpan at) => (at - _from).TotalSeconds;

    public string PartAt(TimeSpan at) => spans.LastOrDefault(span => span.From <= at)?.Name ?? spans[0].Name;

    public IEnumerable<XElement> Bands(double top, double bottom)
    {
        foreach ((int index, Span span) in spans.Index())
        {
            if (index % 2 == 1)
            {
                yield return Markup.Box(
                    "band",
                    X(span.From),
                    top,
                    Math.Max(1, X(span.To) - X(span.From)),
                    bottom - top
                );
            }

            if (index > 0)
            {
                yield return Markup.Line("edge", X(span.From), top, X(span.From), bottom);
            }
        }
    }

    /// <summary>The names of the parts above a plot, each with a line to its band: a stage may be very short.</summary>
    public IEnumerable<XElement> Names(double top)
    {
        const double LabelWidth = 62;
        double[] centers = [.. spans.Select(span => (X(span.From) + X(span.To)) / 2)];
        double[] places = SpreadLabels.Over(centers, LabelWidth, 0, Width);
        foreach ((int index, Span span) in spans.Index())
        {
            yield return Markup.Words("stage", places[index], top - 32, span.Name);
            yield return Markup.Words("length", places[index], top - 19, Plain.Duration(span.Length));
            yield return Markup.Path(
                "leader",
                [(places[index], top - 14), (centers[index], top - 3), (centers[index], top)]
            );
        }
    }

    public IEnumerable<XElement> Ticks(double y)
    {
        double step = Steps.FirstOrDefault(step => _seconds / step <= MostTicks, Steps[^1]);
        for (double second = 0; second <= _seconds; second += step)
        {
            double x = X(_from + TimeSpan.FromSeconds(second));
            yield return Markup.Line("grid", x, y, x, y + 4);
            yield return Markup.Words("x", x, y + 18, step < 60 ? $"{second:0} s" : $"{second / 60:0.#} min");
        }
    }

    /// <summary>The tooltip of a slice of the series.</summary>
    public IEnumerable<XElement> Hits(
        IReadOnlyList<TrafficPoint> points,
        double top,
        double bottom,
        Func<TrafficPoint, string> say
    )
    {
        foreach ((TrafficPoint point, TrafficPoint? next) in points.Zip([.. points.Skip(1), null]))
        {
            double to = next is null ? Right : X(next.At);
            XElement hit = Markup.Box("hit", X(point.At), top, Math.Max(1, to - X(point.At)), bottom - top);
            hit.Add(Markup.Tag("title", $"{Seconds(point.At):0.0} s, {PartAt(point.At)}\n{say(point)}"));
            yield return hit;
        }
    }
}

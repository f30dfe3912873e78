using Segue.Cli.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Segue.Cli.Demo;

/// <summary>The demo as lines on a terminal.</summary>
internal sealed class DemoView(bool unicode, int width, TimeProvider time)
{
    private const int Margin = 11;

    private readonly List<IRenderable> _lines = [];

    public IRenderable Render(
        IReadOnlyList<DemoPart> before,
        IReadOnlyList<DemoPart> after,
        RunJournal journal,
        string apps,
        TrafficWatch? traffic
    )
    {
        // Never a single line: the console's live display then asks the terminal to move up by 0 lines, which terminals
        // read as 1.
        Line();
        Parts(before);
        if (traffic is not null)
        {
            Line();
            _lines.Add(new LiveView(journal, unicode, width).Render());
            Parts(after);
            Line();
            Traffic(traffic);
            Line((new string(' ', Margin), Ink.Plain), (apps, Ink.Faint));
        }

        return new Rows(_lines);
    }

    private void Parts(IReadOnlyList<DemoPart> parts)
    {
        foreach (DemoPart part in parts)
        {
            bool isDone = part.Took is not null;
            TimeSpan took = part.Took ?? time.GetElapsedTime(part.Began);
            Line(
                (
                    isDone
                        ? unicode
                            ? "\u2713 "
                            : "v "
                        : unicode
                            ? "\u25B8 "
                            : "> ",
                    isDone ? Ink.Good : Ink.Warning
                ),
                (part.Title, Ink.Plain),
                ($"  {Plain.Duration(TimeSpan.FromMilliseconds((long)took.TotalMilliseconds / 100 * 100))}", Ink.Faint)
            );
        }
    }

    private void Traffic(TrafficWatch traffic)
    {
        if (traffic.Now is not { } now)
        {
            Line(("traffic".PadRight(Margin), Ink.Strong), ("begins", Ink.Faint));
            return;
        }

        Line(
            ("traffic".PadRight(Margin), Ink.Strong),
            ($"{TrafficWords.Rate(now)}   {TrafficWords.Latency(now)}   ", Ink.Plain),
            (TrafficWords.Failed(traffic), traffic.Total.Failed == 0 ? Ink.Good : Ink.Bad)
        );
        Paragraph spark = new(new string(' ', Margin));
        foreach (TrafficMoment moment in traffic.Moments.TakeLast(Math.Max(10, width - Margin - 22)))
        {
            spark.Append(
                TrafficWords.Bar(moment.P99, unicode).ToString(),
                (moment.Failed == 0 ? Ink.Code : Ink.Bad).Style()
            );
        }

        _lines.Add(spark.Append("  p99 of each second", Ink.Faint.Style()));
    }

    private void Line(params ReadOnlySpan<(string Text, Ink Ink)> spans)
    {
        Paragraph line = new();
        foreach ((string text, Ink ink) in spans)
        {
            line.Append(Printable.Of(text), ink.Style());
        }

        _lines.Add(spans.Length == 0 ? new Spectre.Console.Text(" ") : line);
    }
}

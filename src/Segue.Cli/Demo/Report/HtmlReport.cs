using System.Xml.Linq;
using Segue.Lab.Traffic;
using Segue.Planning;

namespace Segue.Cli.Demo.Report;

/// <summary>The demo's result as one self-contained HTML file.</summary>
internal static class HtmlReport
{
    private const int ErrorsShown = 10;

    public static string Of(DemoResult result) => $"<!DOCTYPE html>\n{Page(result)}\n";

    private static XElement Page(DemoResult result) =>
        Markup.Tag(
            "html",
            new XAttribute("lang", "en"),
            Head("Segue demo"),
            Markup.Tag("body", Markup.Tag("main", Body(result)))
        );

    public static XElement Head(string title) =>
        Markup.Tag(
            "head",
            Markup.Tag("meta", new XAttribute("charset", "utf-8")),
            Markup.Tag(
                "meta",
                new XAttribute("name", "viewport"),
                new XAttribute("content", "width=device-width, initial-scale=1")
            ),
            Markup.Tag("title", title),
            Markup.Tag("style", Style())
        );

    private static IEnumerable<XElement> Body(DemoResult result)
    {
        TimeAxis axis = new(result.Spans);
        yield return Header(result);
        yield return Tiles.Draw(result);
        yield return Latency(axis, result);
        yield return Throughput(axis, result);
        yield return Section(
            "Stages and steps",
            "Took: wall time. Lock: the strong locks of a step that could block an application. "
                + "Requests: those that were due during the step.",
            Markup.Classed("div", "scroll", new StageTable(result).Draw())
        );
        yield return Proven(result);
        yield return Section(
            "The plan",
            $"Every statement, as it was planned before anything ran. Hash {PlanJson.Hash(result.Plan)}.",
            new PlanSection(result.Plan).Draw()
        );
        yield return Markup.Tag(
            "footer",
            $"Made by segue demo, {DateTimeOffset.Now:yyyy-MM-dd HH:mm zzz}, on "
                + $"{Environment.ProcessorCount} processors."
        );
    }

    private static XElement Header(DemoResult result) =>
        Markup.Tag(
            "header",
            Markup.Classed("p", "eyebrow", "Segue demo"),
            Markup.Classed("h1", result.IsGood ? "good" : "bad", DemoWords.Verdict(result)),
            Markup.Tag(
                "p",
                $"A table of {Plain.Count(result.Rows)} orders ({Plain.Bytes(result.Bytes)} with indexes, "
                    + $"{result.Server}) {result.Change.Effect}. ",
                $"During all of it applications made {result.Rate} requests a second: first the version "
                    + $"that {result.Change.OldApp}, ",
                $"then both, then the one that {result.Change.NewApp}."
            )
        );

    private static XElement Latency(TimeAxis axis, DemoResult result) =>
        Section(
            "Effect on the applications",
            "The time from when a request was due to its answer, half second by half second, on a logarithmic scale.",
            Markup.Classed(
                "div",
                "legend",
                Key("p50", "p50"),
                Key("p99", "p99"),
                Key("max", "slowest"),
                Markup.Tag("span", $"dashed: p99 before the change ({Plain.Duration(result.Traffic.Before.P99)})"),
                result.Traffic.Total.Failed > 0 ? Key("bad", "failed requests") : null
            ),
            Markup.Classed("div", "scroll", new LatencyPlot(axis, result.Traffic).Draw()),
            result
                .Traffic.Errors.Take(ErrorsShown)
                .Select(error =>
                    Markup.Classed("p", "bad", $"{axis.Seconds(error.At):0.0} s: {DemoWords.Error(error)}")
                )
        );

    private static XElement Throughput(TimeAxis axis, DemoResult result) =>
        Section(
            "Requests per second",
            $"Offered at a fixed rate of {result.Rate}/s (dashed), whether or not the server keeps up.",
            Markup.Classed(
                "div",
                "legend",
                Key("old", $"{OrdersWorkload.OldAppName}: {result.Change.OldApp}", "box"),
                Key("new", $"{OrdersWorkload.NewAppName}: {result.Change.NewApp}", "box")
            ),
            Markup.Classed("div", "scroll", new ThroughputPlot(axis, result.Traffic, result.Rate).Draw())
        );

    private static XElement Proven(DemoResult result)
    {
        TrafficSummary total = result.Traffic.Total;
        return Section(
            "Verdict",
            "Checks after the traffic had stopped, made independently of Segue, and Segue's own checks "
                + "during the change.",
            Markup.Classed(
                "ul",
                "checks",
                Check(total.Failed == 0, $"{Plain.Count(total.Requests)} requests, {Plain.Count(total.Failed)} failed"),
                Check(result.Proof.Wrong == 0, DemoWords.Rows(result)),
                Check(result.Proof.Lost.Count == 0, DemoWords.Writes(result.Proof)),
                result.Findings.Select(finding => Check(finding.Mismatches == 0, $"Segue: {finding}"))
            )
        );
    }

    public static XElement Section(string title, string what, params object?[] content) =>
        Markup.Tag("section", Markup.Tag("h2", title), Markup.Classed("p", "faint", what), content);

    public static XElement Check(bool isGood, string text) => Markup.Classed("li", isGood ? "good" : "bad", text);

    private static XElement Key(string colour, string text, string shape = "line") =>
        Markup.Tag(
            "span",
            Markup.Tag(
                "i",
                new XAttribute("class", shape),
                new XAttribute("style", $"background: var(--{colour})"),
                ""
            ),
            text
        );

    private static string Style()
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!;
        using StreamReader reader = new(stream);
        return $"\n{reader.ReadToEnd()}";
    }
}

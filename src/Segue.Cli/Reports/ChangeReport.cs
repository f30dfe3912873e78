using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Segue.Cli.Demo.Report;
using Segue.Ledger;
using Segue.Planning;
using Segue.Projects;

namespace Segue.Cli.Reports;

/// <summary>What a change has done, as one HTML file that needs nothing else.</summary>
internal sealed class ChangeReport(string target, ChangeHistory history)
{
    private ChangeRecord Record => history.Record;

    public string Html() =>
        $"<!DOCTYPE html>\n{Markup.Tag(
            "html",
            new XAttribute("lang", "en"),
            HtmlReport.Head($"Segue: {Record.Name}"),
            Markup.Tag("body", Markup.Tag("main", Body()))
        )}\n";

    private IEnumerable<XElement> Body()
    {
        yield return Header();
        yield return HtmlReport.Section(
            "Stages and steps",
            "Took: from begin to end. Lock: how long a step waited for its strong locks and held them.",
            Table(
                ["stage", "step", "state", "started", "took", "lock waited", "lock held", "attempts"],
                history.Steps.Select(Row)
            )
        );
        if (history.Fills.Count > 0)
        {
            yield return HtmlReport.Section(
                "Rows",
                "Filled in batches; rate of the last one.",
                Table(
                    ["table", "rows", "of about", "done of its table", "rows/s", "rows that raise an error"],
                    history.Fills.Select(Row)
                )
            );
        }

        if (Findings().ToArray() is { Length: > 0 } findings)
        {
            yield return HtmlReport.Section(
                "Verdict",
                "What was compared before anything was enforced.",
                Markup.Classed(
                    "ul",
                    "checks",
                    findings.Select(finding => HtmlReport.Check(finding.Mismatches == 0, finding.ToString()))
                )
            );
        }

        yield return HtmlReport.Section(
            "What the applications felt",
            "Not measured: on this database Segue sees no requests of applications. The locks above bound how long one "
                + "of them can have waited for it; segue demo shows latency under traffic of its own."
        );
        yield return HtmlReport.Section(
            "Events",
            "The ledger's record, oldest first.",
            Table(
                ["at", "event", ""],
                history.Events.Select(entry => (string[])[$"{entry.At:u}", entry.Kind.Replace('_', ' '), entry.Message])
            )
        );
        if (history.Plan is { } plan)
        {
            yield return HtmlReport.Section(
                "The plan",
                $"Every statement, as it was planned before anything ran. Hash {Record.PlanHash}.",
                new PlanSection(plan).Draw()
            );
        }

        yield return Markup.Tag("footer", $"Made by segue report at {history.At:u}.");
    }

    private XElement Header() =>
        Markup.Tag(
            "header",
            Markup.Classed("p", "eyebrow", "Segue"),
            Markup.Classed("h1", Colour(), $"{Record.Name} is {Text.SnakeCase(Record.Status).Replace('_', ' ')}"),
            Record.Description is { } description ? Markup.Tag("p", description) : null,
            Markup.Tag("p", string.Join(" ", Facts()))
        );

    private IEnumerable<string> Facts()
    {
        yield return $"{target}.";
        yield return $"Started {Record.CreatedAt:u}, last updated {Record.UpdatedAt:u}.";
        if (Record.Author is { } author)
        {
            yield return $"Written by {author}{(Record.GitCommit is { } commit ? $", commit {commit}" : "")}.";
        }

        if (Record.Gate is { } gate)
        {
            yield return $"It waits for {gate}.";
        }

        if (Record.Error is { } error)
        {
            yield return $"Error: {error}";
        }
    }

    private string Colour() =>
        Record.Status switch
        {
            ChangeStatus.Completed or ChangeStatus.Waiting => "good",
            ChangeStatus.Failed => "bad",
            _ => "plain",
        };

    private string[] Row(StepRecord step) =>
        [
            step.Stage,
            history.Plan?.Steps().FirstOrDefault(planned => planned.Id == step.Id)?.Title ?? step.Id,
            Text.SnakeCase(step.State),
            step.StartedAt is { } started ? $"{started:u}" : "",
            step is { StartedAt: { } from, EndedAt: { } to } ? Plain.Duration(to - from) : "",
            step.LockWait is { } wait ? Plain.Duration(wait) : "",
            step.LockHold is { } hold ? Plain.Duration(hold) : "",
            step.Attempts > 1 ? $"{step.Attempts}" : "",
        ];

    private static string[] Row(BackfillRecord fill) =>
        [
            fill.Relation,
            Plain.Count(fill.RowsDone),
            fill.Finished ? "" : Plain.Count(fill.RowsTotal),
            fill.Finished ? "all" : $"{100.0 * fill.UnitsDone / Math.Max(1, fill.UnitsTotal):0} %",
            Plain.Count((long)fill.RowsPerSecond),
            fill.Failed.Count == 0 ? "none" : $"{fill.Failed}",
        ];

    private IEnumerable<Finding> Findings()
    {
        foreach (string evidence in history.Steps.Select(step => step.Evidence).OfType<string>())
        {
            Verdict? verdict = null;
            try
            {
                verdict = JsonNode.Parse(evidence)?.Deserialize<Verdict>(JsonSerializerOptions.Web);
            }
            catch (JsonException)
            {
                // Evidence of another version has another form; the events still show it.
            }

            foreach (Finding finding in verdict?.Findings ?? [])
            {
                yield return finding;
            }
        }
    }

    private static XElement Table(IEnumerable<string> heads, IEnumerable<string[]> rows) =>
        Markup.Classed(
            "div",
            "scroll",
            Markup.Tag(
                "table",
                Markup.Tag("thead", Markup.Tag("tr", heads.Select(head => Markup.Tag("th", head)))),
                Markup.Tag("tbody", rows.Select(row => Markup.Tag("tr", row.Select(cell => Markup.Tag("td", cell)))))
            )
        );
}

using System.Xml.Linq;
using Segue.Cli.Rendering;
using Segue.Lab.Traffic;
using Segue.Planning;

namespace Segue.Cli.Demo.Report;

/// <summary>The steps, their durations, their lock waits and holds, and the effect on the applications.</summary>
internal sealed class StageTable(DemoResult result)
{
    public XElement Draw() =>
        Markup.Tag(
            "table",
            Markup.Tag(
                "thead",
                Markup.Tag(
                    "tr",
                    Markup.Tag("th", "Stage and step"),
                    Number("th", "Took"),
                    Number("th", "Lock waited for"),
                    Number("th", "Lock held"),
                    Number("th", "Requests"),
                    Number("th", "p99"),
                    Number("th", "Slowest")
                )
            ),
            Markup.Tag("tbody", result.Spans.SelectMany(Rows))
        );

    private IEnumerable<XElement> Rows(Span span)
    {
        TrafficSummary? felt = result.Traffic.Part(span.Name);
        yield return Row(
            "stage",
            [span.Name, Markup.Tag("span", WordsOf(span.Name))],
            [Plain.Duration(span.Length), "", "", .. Felt(felt)]
        );
        foreach (
            StepProgress step in result.Stages.Where(stage => stage.Name == span.Name).SelectMany(stage => stage.Steps)
        )
        {
            yield return Row(
                "step",
                [step.Step.Title, Markup.Tag("span", StepText.Blocked(step.Step, result.Plan.Limits))],
                [Time(step.Took), Time(step.LockWait), Time(step.LockHold), "", "", ""]
            );
        }
    }

    private static XElement Row(string @class, object[] title, string[] numbers) =>
        Markup.Classed("tr", @class, Markup.Tag("td", title), numbers.Select(number => Number("td", number)));

    private static string[] Felt(TrafficSummary? felt) =>
        felt is null or { Requests: 0 }
            ? ["0", "", ""]
            : [Plain.Count(felt.Requests), Plain.Duration(felt.P99), Plain.Duration(felt.Max)];

    private static string WordsOf(string part) =>
        part switch
        {
            Chronicle.Baseline => "the old application alone, no change yet",
            Chronicle.Planning => "the plan and the ledger are created",
            Chronicle.After => "the new application alone, the change is over",
            _ when Enum.TryParse(part, ignoreCase: true, out StageName stage) => StageWords.Of(stage),
            _ => "",
        };

    private static string Time(TimeSpan? time) => time is { } known ? Plain.Duration(known) : "";

    private static XElement Number(string cell, string text) => Markup.Classed(cell, "n", text);
}

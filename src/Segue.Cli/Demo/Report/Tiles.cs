using System.Xml.Linq;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo.Report;

/// <summary>The most important figures.</summary>
internal static class Tiles
{
    public static XElement Draw(DemoResult result)
    {
        TrafficSummary total = result.Traffic.Total;
        TimeSpan hold = result.Stages.SelectMany(stage => stage.Steps).Max(step => step.LockHold) ?? TimeSpan.Zero;
        return Markup.Classed(
            "div",
            "tiles",
            Tile("Failed requests", Plain.Count(total.Failed), $"of {Plain.Count(total.Requests)}", total.Failed == 0),
            Tile(
                "p99 of requests",
                Plain.Duration(result.Traffic.During.P99),
                $"during; {Plain.Duration(result.Traffic.Before.P99)} before"
            ),
            Tile(
                "Slowest request",
                Plain.Duration(result.Traffic.During.Max),
                $"during; {Plain.Duration(result.Traffic.Before.Max)} before"
            ),
            Tile("Longest lock", Plain.Duration(hold), "held against the apps"),
            Tile("Backfill", Plain.Count((long)result.RowsPerSecond), "rows per second"),
            Tile(
                "Wrong, lost",
                $"{Plain.Count(result.Proof.Wrong)}, {Plain.Count(result.Proof.Lost.Count)}",
                "rows, writes",
                result.Proof.Holds
            )
        );
    }

    private static XElement Tile(string name, string value, string more, bool? isGood = null) =>
        Markup.Classed(
            "div",
            isGood switch
            {
                true => "tile good",
                false => "tile bad",
                _ => "tile",
            },
            Markup.Classed("div", "name", name),
            Markup.Classed("div", "value", value),
            Markup.Classed("div", "more", more)
        );
}

using System.Text.Json.Nodes;
using Segue.Cli.Rendering;

namespace Segue.Cli.Demo;

/// <summary>The demo's result for programs.</summary>
internal static class DemoJson
{
    public static JsonObject Of(DemoResult result, string report)
    {
        DemoTraffic traffic = result.Traffic;
        JsonObject document = new()
        {
            ["rows"] = result.Rows,
            ["requests"] = traffic.Total.Requests,
            ["failedRequests"] = traffic.Total.Failed,
            ["p99Ms"] = new JsonObject
            {
                ["before"] = Milliseconds(traffic.Before.P99),
                ["during"] = Milliseconds(traffic.During.P99),
            },
            ["maxStallMs"] = Milliseconds(traffic.During.Max),
            ["backfill"] = new JsonObject { ["rowsPerSecond"] = result.RowsPerSecond },
            ["stages"] = new JsonArray([.. result.Stages.Select(stage => StageOf(stage, result))]),
            ["lostWrites"] = result.Proof.Lost.Count,
            ["wrongRows"] = result.Proof.Wrong,
            ["verifiedRows"] = result.Proof.Rows,
            ["server"] = result.Server,
            ["report"] = report,
        };
        if (result.Kept is { } kept)
        {
            document["kept"] = new JsonObject
            {
                ["url"] = kept.Url,
                ["changes"] = kept.Changes,
                ["stop"] = kept.Stop,
            };
        }

        return document;
    }

    private static JsonObject StageOf(StageProgress stage, DemoResult result) =>
        new()
        {
            ["name"] = stage.Name,
            ["p99Ms"] = Milliseconds(result.Traffic.Part(stage.Name)?.P99),
            ["maxMs"] = Milliseconds(result.Traffic.Part(stage.Name)?.Max),
            ["seconds"] = Math.Round(
                result.Spans.Where(span => span.Name == stage.Name).Sum(span => span.Length.TotalSeconds),
                3
            ),
            ["steps"] = new JsonArray([
                .. stage.Steps.Select(step => new JsonObject
                {
                    ["title"] = step.Step.Title,
                    ["lockWaitMs"] = Milliseconds(step.LockWait),
                    ["lockHoldMs"] = Milliseconds(step.LockHold),
                }),
            ]),
        };

    private static double? Milliseconds(TimeSpan? time) =>
        time is { } known ? Math.Round(known.TotalMilliseconds, 2) : null;
}

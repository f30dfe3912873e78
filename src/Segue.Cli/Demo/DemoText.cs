using Segue.Cli.Rendering;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>The demo's result for people.</summary>
internal sealed class DemoText(Sheet sheet)
{
    private const int ErrorsShown = 5;

    public void Write(DemoResult result, string report)
    {
        sheet.Line();
        sheet.Line((DemoWords.Verdict(result), result.IsGood ? Ink.Good : Ink.Bad));
        sheet.Line();
        Traffic(result.Traffic);
        Stages(result);
        sheet.Field(2, "proof", DemoWords.Rows(result));
        sheet.Field(2, "", DemoWords.Writes(result.Proof));
        sheet.Field(2, "server", result.Server);
        sheet.Field(2, "report", [report], Ink.Code);
        if (result.Kept is { } kept)
        {
            Kept(kept);
        }
    }

    /// <summary>The server that was left running, and how to stop it.</summary>
    public void Kept(KeptServer kept)
    {
        sheet.Line();
        sheet.Line("The server is still running.", Ink.Strong);
        sheet.Field(
            2,
            "look",
            [$"psql {kept.Url}", $"segue status --database {kept.Url} --changes {kept.Changes}"],
            Ink.Code
        );
        sheet.Field(2, "stop", [$"{kept.Stop}    # stops the server and removes its data"], Ink.Code);
    }

    private void Traffic(DemoTraffic traffic)
    {
        TrafficSummary total = traffic.Total;
        sheet.Field(
            2,
            "requests",
            $"{Plain.Count(total.Requests)}, {Plain.Count(total.Failed)} failed",
            total.Failed == 0 ? Ink.Plain : Ink.Bad
        );
        foreach (TrafficError error in traffic.Errors.Take(ErrorsShown))
        {
            sheet.Field(2, "", DemoWords.Error(error), Ink.Bad);
        }

        sheet.Field(
            2,
            "p99",
            $"{Plain.Duration(traffic.Before.P99)} before, {Plain.Duration(traffic.During.P99)} during the change; "
                + $"the slowest request took {Plain.Duration(traffic.During.Max)}"
        );
    }

    private void Stages(DemoResult result)
    {
        sheet.Field(
            2,
            Chronicle.Planning,
            $"{Plain.Duration(Length(result, Chronicle.Planning))}{Felt(result, Chronicle.Planning)}"
        );
        foreach (StageProgress stage in result.Stages)
        {
            TimeSpan took = Length(result, stage.Name);
            string rows =
                stage.Name == "backfill"
                    ? $", {Plain.Count((long)result.RowsPerSecond)} rows/s beside the traffic"
                    : "";
            string locks = (stage.Steps.Max(step => step.LockWait), stage.Steps.Max(step => step.LockHold))
                is ({ } wait, { } hold)
                ? $", locks waited for at most {Plain.Duration(wait)}, held at most {Plain.Duration(hold)}"
                : "";
            sheet.Field(2, stage.Name, $"{Plain.Duration(took)}{rows}{locks}{Felt(result, stage.Name)}");
        }
    }

    private static TimeSpan Length(DemoResult result, string part) =>
        TimeSpan.FromTicks(result.Spans.Where(span => span.Name == part).Sum(span => span.Length.Ticks));

    private static string Felt(DemoResult result, string part) =>
        result.Traffic.Part(part) is { } felt
            ? $"; requests: p99 {Plain.Duration(felt.P99)}, slowest {Plain.Duration(felt.Max)}"
            : "";
}

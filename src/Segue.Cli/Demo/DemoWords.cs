using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>The demo's result in sentences, the same on the terminal and in the report.</summary>
internal static class DemoWords
{
    public static string Verdict(DemoResult result)
    {
        List<string> faults = [];
        if (result.Traffic.Total.Failed > 0)
        {
            faults.Add(
                $"{Plain.Count(result.Traffic.Total.Failed)} "
                    + $"{(result.Traffic.Total.Failed == 1 ? "request" : "requests")} failed"
            );
        }

        if (result.Proof.Wrong > 0)
        {
            faults.Add($"{Plain.Count(result.Proof.Wrong)} {(result.Proof.Wrong == 1 ? "row is" : "rows are")} wrong");
        }

        if (result.Proof.Lost.Count > 0)
        {
            faults.Add(
                $"{Plain.Count(result.Proof.Lost.Count)} "
                    + $"{(result.Proof.Lost.Count == 1 ? "write was" : "writes were")} lost"
            );
        }

        return faults.Count == 0
            ? "No request failed, no write was lost, every row is right."
            : $"The demo failed: {string.Join(", ", faults)}.";
    }

    public static string Rows(DemoResult result) =>
        result.Proof.Wrong == 0
            ? $"{Plain.Count(result.Proof.Rows)} rows checked: each has {result.Change.Checked}"
            : $"{Plain.Count(result.Proof.Rows)} rows checked: {Plain.Count(result.Proof.Wrong)} wrong, "
                + $"{Plain.Count(result.Proof.Empty)} of them empty";

    public static string Writes(Proof proof) =>
        proof.Lost is [var first, ..]
            ? $"{Plain.Count(proof.Lost.Count)} writes lost, e.g. order {first.OrderId}: an application "
                + $"wrote {first.Written}, it has {first.Found ?? "nothing"}"
            : $"{Plain.Count(proof.Written)} orders have the value that an application wrote last; none was lost";

    public static string Error(TrafficError error) => $"{error.App}, {error.Client}: {error.Message}";
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Ledger;

namespace Segue.Cli.Status;

/// <summary>The stored verdict of a verify step, in words.</summary>
internal static class Evidence
{
    public static IEnumerable<string> Lines(JsonNode? verdict)
    {
        try
        {
            return verdict
                    ?.Deserialize<Verdict>(JsonSerializerOptions.Web)
                    ?.Findings.Select(finding => finding.ToString())
                ?? [];
        }
        catch (JsonException)
        {
            return [verdict!.ToString()];
        }
    }
}

using System.Text.Json;
using Segue.Verification;

namespace Segue.Cli.Status;

/// <summary>The stored verdict of a verify step, in words.</summary>
internal static class Evidence
{
    public static IEnumerable<string> Lines(string? json)
    {
        if (json is null)
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<Verdict>(json, JsonSerializerOptions.Web)?.Findings.Select(finding => finding.ToString()) ?? [];
        }
        catch (JsonException)
        {
            return [json];
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Segue.Cli.Status;

internal static class StatusJson
{
    /// <param name="error">Why the command did not do what it was asked for; null for nothing.</param>
    public static JsonObject Of(IReadOnlyList<Standing> standings, JsonObject? error = null)
    {
        JsonObject document = new()
        {
            ["changes"] = JsonSerializer.SerializeToNode(standings, JsonSerializerOptions.Web),
        };
        if (error is not null)
        {
            document["error"] = error;
        }

        return document;
    }
}

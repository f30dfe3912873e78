using System.Text.Json;
using System.Text.Json.Nodes;

namespace Segue.Cli.Status;

internal static class StatusJson
{
    /// <param name="failure">Why the command did not do what it was asked for; null for nothing.</param>
    public static JsonObject Of(IReadOnlyList<Standing> standings, Failure? failure = null)
    {
        JsonObject document = new()
        {
            ["changes"] = JsonSerializer.SerializeToNode(standings, JsonSerializerOptions.Web),
        };
        if (failure is not null)
        {
            document["error"] = Reporter.ErrorOf(failure);
        }

        return document;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Projects;

namespace Segue.Cli.Status;

internal static class StatusJson
{
    /// <param name="hints">Words next actions as commands.</param>
    /// <param name="error">Why the command did not do what it was asked for; null for nothing.</param>
    public static JsonObject Of(IReadOnlyList<Standing> standings, Hints hints, JsonObject? error = null)
    {
        JsonObject document = new()
        {
            ["changes"] = new JsonArray([.. standings.Select(standing => Of(standing, hints))]),
        };
        if (error is not null)
        {
            document["error"] = error;
        }

        return document;
    }

    private static JsonObject Of(Standing standing, Hints hints)
    {
        JsonObject json = JsonSerializer.SerializeToNode(standing, JsonSerializerOptions.Web)!.AsObject();
        json["next"] = hints.JsonOf(standing.Next);
        foreach ((JsonNode? node, FileNote note) in json["notes"]!.AsArray().Zip(standing.Notes))
        {
            node!["next"] = hints.JsonOf(note.Next);
        }

        return json;
    }
}

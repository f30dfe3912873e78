using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Projects;

namespace Segue.Cli.Status;

internal static class StatusJson
{
    /// <param name="error">Why the command did not do what it was asked for; null for nothing.</param>
    /// <param name="next">Words what can be done next; null to leave that out.</param>
    public static JsonObject Of(IReadOnlyList<Standing> standings, JsonObject? error = null, Hints? next = null)
    {
        JsonObject document = new()
        {
            ["changes"] = new JsonArray([.. standings.Select(standing => Of(standing, next))]),
        };
        if (error is not null)
        {
            document["error"] = error;
        }

        return document;
    }

    private static JsonObject Of(Standing standing, Hints? next)
    {
        JsonObject json = JsonSerializer.SerializeToNode(standing, JsonSerializerOptions.Web)!.AsObject();
        if (standing.Notes.Count > 0)
        {
            json["notes"] = Texts(standing.Notes.Select(note => note.ToString()));
        }

        if (next is not null && standing.Next.Count > 0)
        {
            json["next"] = Texts(standing.Next.Select(next.Of));
        }

        return json;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}

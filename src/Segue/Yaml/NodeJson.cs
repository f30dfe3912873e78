using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>A scalar node as the JSON value an editor takes it for.</summary>
internal static class NodeJson
{
    public static JsonNode Of(Node node) =>
        node switch
        {
            ScalarNode { Plain: true, Text: "true" or "false" } flag => flag.Text == "true",
            ScalarNode { Plain: true } scalar when long.TryParse(scalar.Text, out long number) => number,
            ScalarNode scalar => scalar.Text,
            ListNode list => new JsonArray([.. list.Items.Select(Of)]),
            MapNode map => new JsonObject(
                map.Entries.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)Of(entry.Value)))
            ),
            _ => throw new ArgumentException("A default is a scalar, a list or a map.", nameof(node)),
        };
}

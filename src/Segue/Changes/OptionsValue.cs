using System.Text.Json.Nodes;
using Segue.Changes.Yaml;

namespace Segue.Changes;

/// <summary>Storage parameters: names and values that only the server knows.</summary>
internal sealed class OptionsValue : Value<IReadOnlyDictionary<string, string>>
{
    public static OptionsValue Instance { get; } = new();

    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>();

    public override string NullRemedy => "Write its parameters below it, e.g. 'fillfactor: 90'.";

    public override Node Write(IReadOnlyDictionary<string, string> value) =>
        new MapNode(Position.WholeFile, [.. value.Select(option => new MapEntry(Position.WholeFile, option.Key, TextValue.Plain.Write(option.Value)))]);

    public override JsonObject Schema() => new() { ["type"] = "object", ["additionalProperties"] = TextValue.Plain.Schema() };

    protected override IReadOnlyDictionary<string, string> ReadNode(Node node, string what, Problems problems)
    {
        if (node is not MapNode map)
        {
            problems.Add(node.Position, $"'{what}' must be a map of parameters, not {node.Noun}", NullRemedy);
            return None;
        }

        Dictionary<string, string> options = [];
        foreach (MapEntry entry in map.Entries)
        {
            if (!options.TryAdd(entry.Key, TextValue.Plain.Read(entry.Value, entry.Key, problems)))
            {
                problems.Add(entry.Position, $"'{Excerpt.Of(entry.Key)}' is given twice in {what}", "Keep one of the two.");
            }
        }

        return options;
    }
}

using System.Collections.ObjectModel;
using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>Names and texts whose meaning only the server knows.</summary>
internal sealed class OptionsValue : Value<IReadOnlyDictionary<string, string>>
{
    private readonly TextValue _text;
    private readonly string _what;

    private OptionsValue(TextValue text, string what, string example)
    {
        (_text, _what) = (text, what);
        NullRemedy = $"Write its {what} below it, e.g. '{example}'.";
    }

    /// <summary>Storage parameters.</summary>
    public static OptionsValue Instance { get; } = new(TextValue.Plain, "parameters", "fillfactor: 90");

    /// <summary>SQL expressions by columns' names.</summary>
    public static OptionsValue Assignments { get; } = new(TextValue.Sql, "columns", "region: upper(region)");

    public static IReadOnlyDictionary<string, string> None => ReadOnlyDictionary<string, string>.Empty;

    public override string NullRemedy { get; }

    public override Node Write(IReadOnlyDictionary<string, string> value) =>
        new MapNode(
            Position.WholeFile,
            [.. value.Select(option => new MapEntry(Position.WholeFile, option.Key, _text.Write(option.Value)))]
        );

    public override JsonObject Schema() => new() { ["type"] = "object", ["additionalProperties"] = _text.Schema() };

    protected override IReadOnlyDictionary<string, string> ReadNode(Node node, string what, Problems problems)
    {
        if (node is not MapNode map)
        {
            problems.Add(node.Position, $"'{what}' must be a map of {_what}, not {node.Noun}", NullRemedy);
            return None;
        }

        Dictionary<string, string> options = [];
        foreach (MapEntry entry in map.Entries)
        {
            if (!options.TryAdd(entry.Key, _text.Read(entry.Value, entry.Key, problems)))
            {
                problems.Add(
                    entry.Position,
                    $"'{Excerpt.Of(entry.Key)}' is given twice in {what}",
                    "Keep one of the two."
                );
            }
        }

        return options;
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary>Environments by name.</summary>
internal sealed partial class EnvironmentsValue : Value<IReadOnlyDictionary<string, DatabaseEnvironment>>
{
    private const string NamePattern = "^[A-Za-z][A-Za-z0-9_-]*$";

    public override Node Write(IReadOnlyDictionary<string, DatabaseEnvironment> value) =>
        new MapNode(
            Position.WholeFile,
            [
                .. value.Select(pair => new MapEntry(
                    Position.WholeFile,
                    pair.Key,
                    EnvironmentKeys.Value.Write(pair.Value)
                )),
            ]
        );

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "object",
            ["patternProperties"] = new JsonObject { [NamePattern] = EnvironmentKeys.Value.Schema() },
            ["additionalProperties"] = false,
        };

    protected override IReadOnlyDictionary<string, DatabaseEnvironment> ReadNode(
        Node node,
        string what,
        Problems problems
    )
    {
        Dictionary<string, DatabaseEnvironment> environments = [];
        if (node is not MapNode map)
        {
            string message = $"'{what}' must be a map of names, not {node.Noun}";
            problems.Add(node.Position, message, "Write 'local:' with its keys indented below it.");
            return environments;
        }

        foreach (MapEntry entry in map.Entries)
        {
            if (!EnvironmentName().IsMatch(entry.Key))
            {
                string message = $"'{Excerpt.Of(entry.Key)}' cannot be an environment's name";
                problems.Add(entry.Position, message, "Use letters (a-z), digits, '_' and '-', the first a letter.");
            }
            else if (!environments.TryAdd(entry.Key, EnvironmentKeys.Value.Read(entry.Value, entry.Key, problems)))
            {
                problems.Add(entry.Position, $"'{entry.Key}' is given twice in {what}", "Keep one of the two.");
            }
        }

        return environments;
    }

    [GeneratedRegex(NamePattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex EnvironmentName();
}

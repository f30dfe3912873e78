using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>
/// <c>true</c> or <c>false</c>. Not YAML 1.1's <c>yes</c>, <c>on</c> and so on: editors disagree about those.
/// </summary>
internal sealed class FlagValue : Value<bool>
{
    public static FlagValue Instance { get; } = new();

    public override KeyForm Form => KeyForm.Flag;

    public override Node Write(bool value) => new ScalarNode(Position.WholeFile, value ? "true" : "false", Plain: true);

    public override JsonObject Schema() => new() { ["type"] = "boolean" };

    protected override bool ReadNode(Node node, string what, Problems problems)
    {
        switch (node)
        {
            case ScalarNode { Plain: true, Text: "true" or "True" or "TRUE" }:
                return true;
            case ScalarNode { Plain: true, Text: "false" or "False" or "FALSE" }:
                return false;
            case ScalarNode { Plain: false, Text: "true" or "false" } quoted:
                problems.Add(
                    node.Position,
                    $"'{what}' must be true or false, not text in quotes",
                    $"Write '{what}: {quoted.Text}'."
                );
                return false;
            default:
                string found = node is ScalarNode scalar ? $"'{Excerpt.Of(scalar.Text)}'" : node.Noun;
                problems.Add(
                    node.Position,
                    $"'{what}' must be true or false, not {found}",
                    $"Write '{what}: true' or '{what}: false'."
                );
                return false;
        }
    }
}

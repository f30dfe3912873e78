using System.Text.Json;
using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>One word of an enumeration, in snake case.</summary>
internal sealed class ChoiceValue<T> : Value<T>
    where T : struct, Enum
{
    public static ChoiceValue<T> Instance { get; } = new();

    private static readonly IReadOnlyList<(string Word, T Value)> Choices =
    [
        .. Enum.GetValues<T>().Select(value => (Word(value), value)),
    ];

    public static string Word(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public override Node Write(T value) => new ScalarNode(Position.WholeFile, Word(value), Plain: true);

    public override JsonObject Schema() =>
        new() { ["enum"] = new JsonArray([.. Choices.Select(choice => (JsonNode)choice.Word)]) };

    protected override T ReadNode(Node node, string what, Problems problems)
    {
        string known = string.Join(", ", Choices.Select(choice => choice.Word));
        if (node is not ScalarNode scalar)
        {
            problems.Add(node.Position, $"'{what}' must be one word, not {node.Noun}", $"Write one of: {known}.");
            return default;
        }

        foreach ((string word, T value) in Choices)
        {
            if (word == scalar.Text)
            {
                return value;
            }
        }

        string? meant = Nearest.To(scalar.Text, Choices.Select(choice => choice.Word));
        string hint = meant is null ? "" : $"; did you mean '{meant}'?";
        problems.Add(node.Position, $"'{what}' cannot be '{Excerpt.Of(scalar.Text)}'{hint}", $"Write one of: {known}.");
        return default;
    }
}

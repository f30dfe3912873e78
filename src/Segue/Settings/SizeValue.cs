using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary>
/// <c>64kB</c>, <c>1MB</c> or <c>1GB</c>, in a range. The units are multiples of 1024, and case matters.
/// </summary>
internal sealed class SizeValue(long least, long most) : Value<long>
{
    private static readonly (string Unit, long Factor)[] Units =
    [
        ("B", 1),
        ("kB", 1L << 10),
        ("MB", 1L << 20),
        ("GB", 1L << 30),
        ("TB", 1L << 40),
    ];

    public static bool TryParse(string text, out long bytes) => Quantity.TryParse(text, Units, out bytes);

    public static string Text(long bytes) => Quantity.Write(bytes, Units);

    public override Node Write(long value) => new ScalarNode(Position.WholeFile, Text(value), Plain: false);

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = "^[0-9]+ *(B|kB|MB|GB|TB)$" };

    protected override long ReadNode(Node node, string what, Problems problems)
    {
        if (node is not ScalarNode scalar || !TryParse(scalar.Text, out long bytes))
        {
            string found = node is ScalarNode text ? $"'{Excerpt.Of(text.Text)}'" : node.Noun;
            string message = $"'{what}' must be a size, not {found}";
            problems.Add(node.Position, message, "Write a whole number with its unit: 64kB, 1MB, 1GB or 1TB.");
            return least;
        }

        if (bytes < least || bytes > most)
        {
            problems.Add(
                node.Position,
                $"'{what}' cannot be {Excerpt.Of(scalar.Text)}",
                $"Choose {Text(least)} to {Text(most)}."
            );
        }

        return Math.Clamp(bytes, least, most);
    }
}

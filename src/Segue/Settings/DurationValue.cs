using System.Text.Json.Nodes;
using Segue.Changes.Yaml;

namespace Segue.Settings;

/// <summary><c>200ms</c>, <c>5s</c>, <c>2min</c>, <c>1h</c> or <c>7d</c>, in a range.</summary>
internal sealed class DurationValue(TimeSpan least, TimeSpan most) : Value<TimeSpan>
{
    private static readonly (string Unit, long Factor)[] Units =
    [
        ("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ];

    public override Node Write(TimeSpan value) => new ScalarNode(Position.WholeFile, Text(value), Plain: false);

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = "^[0-9]+ *(ms|s|min|h|d)$" };

    protected override TimeSpan ReadNode(Node node, string what, Problems problems)
    {
        if (node is not ScalarNode scalar || !Quantity.TryParse(scalar.Text, Units, out long milliseconds))
        {
            string found = node is ScalarNode text ? $"'{Excerpt.Of(text.Text)}'" : node.Noun;
            string message = $"'{what}' must be a duration, not {found}";
            problems.Add(node.Position, message, "Write a whole number with its unit: 200ms, 5s, 2min, 1h or 7d.");
            return least;
        }

        if (milliseconds < least.TotalMilliseconds || milliseconds > most.TotalMilliseconds)
        {
            problems.Add(node.Position, $"'{what}' cannot be {Excerpt.Of(scalar.Text)}", $"Choose {Text(least)} to {Text(most)}.");
            return least;
        }

        return TimeSpan.FromMilliseconds(milliseconds);
    }

    private static string Text(TimeSpan value) => Quantity.Write((long)value.TotalMilliseconds, Units);
}

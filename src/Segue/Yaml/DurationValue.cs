using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>
/// <c>200ms</c>, <c>5s</c>, <c>2min</c> or <c>1h</c>, in a range; where it may last that long, <c>7d</c> too.
/// </summary>
internal sealed class DurationValue(TimeSpan least, TimeSpan most) : Value<TimeSpan>
{
    private static readonly TimeSpan LongestInHours = TimeSpan.FromDays(365);

    private readonly (string Unit, long Factor)[] _units =
    [
        ("ms", 1),
        ("s", 1000),
        ("min", 60_000),
        ("h", 3_600_000),
        .. most > LongestInHours ? [("d", 86_400_000)] : Array.Empty<(string, long)>(),
    ];

    public override KeyForm Form => KeyForm.Text;

    public override Node Write(TimeSpan value) => new ScalarNode(Position.WholeFile, Text(value), Plain: false);

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "string",
            ["pattern"] = $"^[0-9]+ *({string.Join('|', _units.Select(known => known.Unit))})$",
        };

    protected override TimeSpan ReadNode(Node node, string what, Problems problems)
    {
        if (node is not ScalarNode scalar || !Quantity.TryParse(scalar.Text, _units, out long milliseconds))
        {
            string found = node is ScalarNode text ? $"'{Excerpt.Of(text.Text)}'" : node.Noun;
            string message = $"'{what}' must be a duration, not {found}";
            problems.Add(
                node.Position,
                message,
                $"Write a whole number with its unit: 200ms, 5s, 2min{(_units.Length > 4 ? ", 1h or 7d" : " or 1h")}."
            );
            return least;
        }

        if (milliseconds < least.TotalMilliseconds || milliseconds > most.TotalMilliseconds)
        {
            problems.Add(
                node.Position,
                $"'{what}' cannot be {Excerpt.Of(scalar.Text)}",
                $"Choose {Text(least)} to {Text(most)}."
            );
            return least;
        }

        return TimeSpan.FromMilliseconds(milliseconds);
    }

    private string Text(TimeSpan value) => Quantity.Write((long)value.TotalMilliseconds, _units);
}

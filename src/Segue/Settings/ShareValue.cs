using System.Globalization;
using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary><c>50%</c>: 1% to 100%, as a number from 0.01 to 1.</summary>
internal sealed class ShareValue : Value<double>
{
    public override Node Write(double value) =>
        new ScalarNode(Position.WholeFile, $"{value * 100:0.##}%", Plain: false);

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = "^([1-9][0-9]?|100)%$" };

    protected override double ReadNode(Node node, string what, Problems problems)
    {
        if (
            node is ScalarNode { Text: var text }
            && text.EndsWith('%')
            && int.TryParse(
                text.AsSpan(0, text.Length - 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out int percent
            )
            && percent is >= 1 and <= 100
        )
        {
            return percent / 100.0;
        }

        string found = node is ScalarNode scalar ? $"'{Excerpt.Of(scalar.Text)}'" : node.Noun;
        string message = $"'{what}' must be a share from 1% to 100%, not {found}";
        problems.Add(node.Position, message, "Write a whole number of percent: 50%.");
        return 1;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>A whole number in a range.</summary>
internal sealed class NumberValue(long least = long.MinValue, long most = long.MaxValue) : Value<long>
{
    public override Node Write(long value) =>
        new ScalarNode(Position.WholeFile, value.ToString(CultureInfo.InvariantCulture), Plain: true);

    public override JsonObject Schema()
    {
        JsonObject schema = new() { ["type"] = "integer" };
        if (least != long.MinValue)
        {
            schema["minimum"] = least;
        }

        if (most != long.MaxValue)
        {
            schema["maximum"] = most;
        }

        return schema;
    }

    protected override long ReadNode(Node node, string what, Problems problems)
    {
        if (
            node is ScalarNode { Plain: true } scalar
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && number >= least
            && number <= most
        )
        {
            return number;
        }

        string found = node is ScalarNode text ? $"'{Excerpt.Of(text.Text)}'" : node.Noun;
        string range = (least, most) switch
        {
            (long.MinValue, long.MaxValue) => "",
            (_, long.MaxValue) => $" of at least {least}",
            _ => $" from {least} to {most}",
        };
        problems.Add(
            node.Position,
            $"'{what}' must be a whole number{range}, not {found}",
            "Write digits, without quotes and separators."
        );
        return Math.Clamp(0, least, most);
    }
}

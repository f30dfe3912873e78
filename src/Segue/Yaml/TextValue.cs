using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>
/// Any text that is not blank. Numbers and booleans are taken as their text: <c>default: 0</c> is the SQL <c>0</c>.
/// </summary>
internal sealed class TextValue : Value<string>
{
    /// <summary>An SQL expression, verbatim. What it means, only the server can say.</summary>
    public static TextValue Sql { get; } =
        new("Write the SQL expression as text, or leave the key out. SQL's NULL is written \"null\", in quotes.");

    public static TextValue Plain { get; } = new("Write the text, or leave the key out.");

    private readonly string _nullRemedy;

    private TextValue(string nullRemedy) => _nullRemedy = nullRemedy;

    public override string NullRemedy => _nullRemedy;

    public override KeyForm Form => KeyForm.Text;

    public override Node Write(string value) => new ScalarNode(Position.WholeFile, value, Plain: false);

    public override JsonObject Schema() =>
        new() { ["type"] = new JsonArray("string", "number", "boolean"), ["minLength"] = 1 };

    protected override string ReadNode(Node node, string what, Problems problems)
    {
        if (node is not ScalarNode scalar)
        {
            problems.Add(
                node.Position,
                $"'{what}' must be text, not {node.Noun}",
                "Put the text in quotes if it begins with [ or {."
            );
            return "";
        }

        if (string.IsNullOrWhiteSpace(scalar.Text))
        {
            problems.Add(node.Position, $"'{what}' is blank", NullRemedy);
        }
        else if (scalar.Text.Contains('\0'))
        {
            problems.Add(
                node.Position,
                $"'{what}' contains a NUL character",
                "Remove it; SQL text cannot contain one."
            );
        }

        return scalar.Text;
    }
}

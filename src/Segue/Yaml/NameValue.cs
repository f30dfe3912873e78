using System.Text;
using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>The exact name of a column: no quoting syntax, no folding to lower case.</summary>
internal sealed class NameValue : Value<string>
{
    public static NameValue Instance { get; } = new();

    // The shortest limit among servers. One of them would cut the rest off silently.
    private const int MostBytes = 63;

    public override KeyForm Form => KeyForm.Text;

    public override Node Write(string value) => new ScalarNode(Position.WholeFile, value, Plain: false);

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = new JsonArray("string", "number", "boolean"),
            ["minLength"] = 1,
            ["maxLength"] = MostBytes,
        };

    /// <summary>Reports what no name may be: empty, too long, with a NUL.</summary>
    public static void Judge(string name, Position at, string what, Problems problems)
    {
        int bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes == 0)
        {
            problems.Add(at, $"'{what}' is empty", "Write a name.");
        }
        else if (bytes > MostBytes)
        {
            problems.Add(
                at,
                $"'{what}' is {bytes} bytes long; a name has {MostBytes} at most",
                "Choose a shorter name."
            );
        }
        else if (name.Contains('\0'))
        {
            problems.Add(at, $"'{what}' contains a NUL character", "Remove it; names cannot contain one.");
        }
    }

    protected override string ReadNode(Node node, string what, Problems problems)
    {
        if (node is not ScalarNode scalar)
        {
            problems.Add(
                node.Position,
                $"'{what}' must be a name, not {node.Noun}",
                "Put the name in quotes if it begins with [ or {."
            );
            return "";
        }

        Judge(scalar.Text, node.Position, what, problems);
        return scalar.Text;
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary>
/// The name of an environment variable. Messages do not repeat it: by mistake it may be the secret itself.
/// </summary>
internal sealed partial class VariableValue : Value<string>
{
    public override Node Write(string value) => new ScalarNode(Position.WholeFile, value, Plain: false);

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = "^[A-Za-z_][A-Za-z0-9_]*$" };

    protected override string ReadNode(Node node, string what, Problems problems)
    {
        if (node is ScalarNode { Text: var name } && VariableName().IsMatch(name))
        {
            return name;
        }

        string message = $"'{what}' must be the name of an environment variable";
        problems.Add(node.Position, message, "Write the name without '$', e.g. PROD_DATABASE_URL.");
        return "";
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VariableName();
}

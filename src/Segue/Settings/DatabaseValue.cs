using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary>A URL or connection string without a password. No message repeats any of it.</summary>
internal sealed partial class DatabaseValue : Value<string>
{
    public static DatabaseValue Instance { get; } = new();

    public override Node Write(string value) => new ScalarNode(Position.WholeFile, value, Plain: false);

    public override JsonObject Schema() => new() { ["type"] = "string", ["minLength"] = 1 };

    protected override string ReadNode(Node node, string what, Problems problems)
    {
        if (node is not ScalarNode { Text: var text } || string.IsNullOrWhiteSpace(text))
        {
            string message = $"'{what}' must be a URL or connection string";
            problems.Add(node.Position, message, $"Write for example {AddressExample.Text}.");
            return "";
        }

        if (HasPassword(text))
        {
            problems.Add(
                node.Position,
                $"'{what}' holds a password",
                "Keep it out of the repository: name a variable with 'database_env', or keep it where the server's own "
                    + "tools look for it."
            );
        }

        return text;
    }

    private static bool HasPassword(string text)
    {
        if (PasswordParameter().IsMatch(text))
        {
            return true;
        }

        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return false;
        }

        // A password that is not escaped may contain '/' and '@': everything up to the last '@' before the query counts
        // as user and password.
        string address = text[(scheme + 3)..].Split('?')[0];
        int at = address.LastIndexOf('@');
        int colon = address.IndexOf(':');
        return colon >= 0 && colon < at - 1;
    }

    [GeneratedRegex(
        @"(?i)(?:^|[;?&\s])\s*(?:ssl\s*)?(?:password|passwd|pwd)\s*=\s*[^;&\s]",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex PasswordParameter();
}

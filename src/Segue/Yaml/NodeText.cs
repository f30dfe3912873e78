using System.Text;
using System.Text.RegularExpressions;

namespace Segue.Yaml;

/// <summary>Nodes to YAML text in block style. Text that YAML could read as anything else is put in quotes.</summary>
internal static partial class NodeText
{
    public static string Of(Node root)
    {
        StringBuilder text = new();
        Append(text, root, indent: 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Node node, int indent)
    {
        string margin = new(' ', indent);
        switch (node)
        {
            case MapNode map:
                foreach (MapEntry entry in map.Entries)
                {
                    text.Append(margin).Append(entry.Key).Append(':');
                    AppendBehind(text, entry.Value, indent);
                }

                break;
            case ListNode list:
                foreach (Node item in list.Items)
                {
                    // "- " takes the place of the first two blanks of the item's own margin.
                    StringBuilder own = new();
                    Append(own, item, indent + 2);
                    text.Append(margin).Append("- ").Append(own, indent + 2, own.Length - indent - 2);
                }

                break;
            case ScalarNode scalar:
                text.Append(margin).Append(Scalar(scalar)).Append('\n');
                break;
            default:
                throw new ArgumentException($"{node.Noun} cannot be written.", nameof(node));
        }
    }

    private static void AppendBehind(StringBuilder text, Node value, int indent)
    {
        switch (value)
        {
            case ScalarNode scalar:
                text.Append(' ').Append(Scalar(scalar)).Append('\n');
                break;
            case MapNode { Entries.Count: 0 }:
                text.Append(" {}\n");
                break;
            case ListNode { Items.Count: 0 }:
                text.Append(" []\n");
                break;
            default:
                text.Append('\n');
                Append(text, value, indent + 2);
                break;
        }
    }

    private static string Scalar(ScalarNode scalar)
    {
        if (scalar.Plain || (SafePlain().IsMatch(scalar.Text) && !Reserved().IsMatch(scalar.Text)))
        {
            return scalar.Text;
        }

        bool simple = scalar.Text.Contains('"') && !scalar.Text.Contains('\'') && scalar.Text.All(IsPrintable);
        return simple ? $"'{scalar.Text}'" : DoubleQuoted(scalar.Text);
    }

    private static string DoubleQuoted(string text)
    {
        StringBuilder quoted = new("\"");
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            if (char.IsHighSurrogate(letter) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                quoted.Append(letter).Append(text[++i]);
                continue;
            }

            quoted.Append(
                letter switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\n' => "\\n",
                    '\t' => "\\t",
                    '\r' => "\\r",
                    _ when IsPrintable(letter) => letter.ToString(),
                    _ => $"\\u{(int)letter:X4}",
                }
            );
        }

        return quoted.Append('"').ToString();
    }

    // Line and paragraph separator and NEL are line breaks in YAML 1.1; a byte order mark vanishes in some readers.
    private static bool IsPrintable(char letter) =>
        !char.IsControl(letter)
        && !char.IsSurrogate(letter)
        && letter is not ('\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF');

    // Words, and what SQL types look like: char(3), numeric(12,2), double precision.
    [GeneratedRegex(
        @"^[A-Za-z_][A-Za-z0-9_]*(?:[ .(),]*[A-Za-z0-9_)]+)*\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex SafePlain();

    // What YAML 1.1 or 1.2 takes for a boolean or for nothing.
    [GeneratedRegex(
        @"^(?i:y|n|yes|no|on|off|true|false|null)\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex Reserved();
}

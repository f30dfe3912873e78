using System.Text;

namespace Segue.Yaml;

/// <summary>
/// A map as a text to go on writing: every key with what it means; keys that are left out stand as comments, with an
/// example.
/// </summary>
internal static class CommentedText
{
    private const int Width = 100;

    public static string Of<T>(MapShape<T> shape, T value, int indent)
        where T : notnull
    {
        StringBuilder text = new();
        foreach (Key<T> key in shape.Keys)
        {
            AppendComment(text, key.Description, indent);
            if (key.Write(value) is { } entry)
            {
                Append(text, Lines(entry), new string(' ', indent));
            }
            else
            {
                Append(text, Lines(key.Name, key.Form, key.Example), $"{new string(' ', indent)}# ");
            }
        }

        return text.ToString();
    }

    public static void AppendComment(StringBuilder text, string sentence, int indent) =>
        Append(text, Wrapped(sentence, Width - indent - "# ".Length), $"{new string(' ', indent)}# ");

    /// <summary>A key and its value, in the form of a command line, as lines of YAML.</summary>
    public static IEnumerable<string> Lines(string key, KeyForm form, string value) =>
        form == KeyForm.Text
            ? Lines(new MapEntry(Position.WholeFile, key, new ScalarNode(Position.WholeFile, value, Plain: false)))
            : [$"{key}: {value}".TrimEnd()];

    private static string[] Lines(MapEntry entry) =>
        NodeText.Of(new MapNode(Position.WholeFile, [entry])).TrimEnd('\n').Split('\n');

    private static void Append(StringBuilder text, IEnumerable<string> lines, string margin)
    {
        foreach (string line in lines)
        {
            text.Append(margin).Append(line).Append('\n');
        }
    }

    private static IEnumerable<string> Wrapped(string sentence, int width)
    {
        string line = "";
        foreach (string word in sentence.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
                continue;
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}

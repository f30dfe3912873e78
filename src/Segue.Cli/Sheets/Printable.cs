using System.Text.RegularExpressions;

namespace Segue.Cli.Sheets;

/// <summary>Text from a server, made safe for a terminal: a query may contain escape sequences.</summary>
internal static partial class Printable
{
    /// <summary>A relation's name without unnecessary quotes.</summary>
    public static string Relation(string quoted) => Of(NeedlessQuotes().Replace(quoted, "${name}"));

    /// <summary>On one line.</summary>
    public static string Of(string text) => OfLine(text.ReplaceLineEndings(" "));

    private static string OfLine(string text) =>
        text.Any(IsControl) ? string.Concat(text.Select(letter => IsControl(letter) ? '\uFFFD' : letter)) : text;

    private static bool IsControl(char letter) => char.IsControl(letter) && letter is not '\t';

    [GeneratedRegex("\"(?<name>[a-z_][a-z0-9_]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NeedlessQuotes();
}

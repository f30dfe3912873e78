using System.Text.RegularExpressions;

namespace Segue.Cli.Connections;

/// <summary>Takes passwords out of text that may quote a URL or a connection string.</summary>
internal static partial class Redaction
{
    public const string Mask = "***";

    public static string Of(string text) =>
        Parameter().Replace(UserInfo().Replace(text, $"${{before}}{Mask}@"), $"${{before}}{Mask}");

    [GeneratedRegex(
        @"(?<before>[a-z][a-z0-9+.-]*://[^\s:/?#@]*:)[^\s]*@",
        RegexOptions.IgnoreCase
            | RegexOptions.CultureInvariant
            | RegexOptions.NonBacktracking
            | RegexOptions.ExplicitCapture
    )]
    private static partial Regex UserInfo();

    [GeneratedRegex(
        @"(?<before>(?:password|passwd|pwd|passphrase)\s*=\s*)(?:""[^""]*""|'[^']*'|[^;&\s]*)",
        RegexOptions.IgnoreCase
            | RegexOptions.CultureInvariant
            | RegexOptions.NonBacktracking
            | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Parameter();
}

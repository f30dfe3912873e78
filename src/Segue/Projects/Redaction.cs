using System.Text.RegularExpressions;

namespace Segue.Projects;

/// <summary>Removes passwords from text that may quote a URL or a connection string.</summary>
public static partial class Redaction
{
    /// <summary>The text that replaces a password.</summary>
    public const string Mask = "***";

    /// <summary>The text with each password masked.</summary>
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

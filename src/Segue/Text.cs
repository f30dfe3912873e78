using System.Globalization;
using System.Text.Json;

namespace Segue;

/// <summary>Names and texts as people read them.</summary>
public static class Text
{
    /// <summary>E.g. <c>RolledBack</c> as <c>rolled_back</c>.</summary>
    public static string SnakeCase<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>
    /// Escapes characters that a terminal would obey or hide (control characters, marks that change the direction of
    /// writing), e.g. as <c>\u001B</c>.
    /// </summary>
    public static string Visible(string text) =>
        text.Any(IsHidden)
            ? string.Concat(text.Select(letter => IsHidden(letter) ? $"\\u{(int)letter:X4}" : letter.ToString()))
            : text;

    private static bool IsHidden(char letter) =>
        char.GetUnicodeCategory(letter)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse;
}

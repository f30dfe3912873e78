namespace Segue.Cli.Rendering;

/// <summary>Text from a server, made safe for a terminal: a query may hold escape sequences.</summary>
internal static class Printable
{
    public static string Of(string text) =>
        text.Any(IsControl) ? string.Concat(text.Select(letter => IsControl(letter) ? '\uFFFD' : letter)) : text;

    private static bool IsControl(char letter) => char.IsControl(letter) && letter is not '\t';
}

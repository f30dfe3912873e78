namespace Segue.Yaml;

/// <summary>
/// Text from a file, made fit for a one-line message. What may be a URL or connection string, and so hold a password,
/// is left out.
/// </summary>
internal static class Excerpt
{
    private const int Longest = 60;

    public static string Of(string text)
    {
        if (text.Contains("://") || text.Contains('='))
        {
            return "...";
        }

        string line = string.Concat(text.Take(Longest).Select(letter => char.IsControl(letter) ? ' ' : letter));
        return text.Length > Longest ? line + "..." : line;
    }
}

namespace Segue.Cli.Sheets;

internal static class Wrapping
{
    /// <summary>
    /// Breaks text at blanks. A word longer than the width stays whole; line breaks of the text stay.
    /// </summary>
    public static IEnumerable<string> Lines(string text, int width) =>
        text.ReplaceLineEndings("\n").Split('\n').SelectMany(line => Wrap(line, width));

    private static IEnumerable<string> Wrap(string line, int width)
    {
        string rest = line.TrimEnd();
        while (rest.Length > width)
        {
            int blank = rest.LastIndexOf(' ', width);
            blank = blank > 0 ? blank : rest.IndexOf(' ', width);
            if (blank < 0)
            {
                break;
            }

            yield return rest[..blank].TrimEnd();
            rest = rest[(blank + 1)..].TrimStart();
        }

        yield return rest;
    }
}

using Spectre.Console;

namespace Segue.Cli.Sheets;

/// <summary>The kind of a piece of text, which decides its colour.</summary>
internal enum Ink
{
    Plain,
    Strong,
    Faint,
    Code,
    Good,
    Warning,
    Bad,
}

internal static class Inks
{
    public static Style Style(this Ink ink) =>
        ink switch
        {
            Ink.Strong => new Style(decoration: Decoration.Bold),
            Ink.Faint => new Style(Color.Grey),
            Ink.Code => new Style(Color.Teal),
            Ink.Good => new Style(Color.Green),
            Ink.Warning => new Style(Color.Olive),
            Ink.Bad => new Style(Color.Maroon, decoration: Decoration.Bold),
            _ => Spectre.Console.Style.Plain,
        };
}

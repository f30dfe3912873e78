using Spectre.Console;

namespace Segue.Cli.Rendering;

/// <summary>Writes lines: prose wrapped at a width that reads well anywhere, code never wrapped, so that it can be copied.</summary>
internal sealed class Sheet(IAnsiConsole console)
{
    public const int Width = 100;

    private const int LabelWidth = 10;

    public void Line(string text = "", Ink ink = Ink.Plain) => Line((text, ink));

    public void Line(params ReadOnlySpan<(string Text, Ink Ink)> spans)
    {
        foreach ((string text, Ink ink) in spans)
        {
            console.Write(Printable.Of(text), ink.Style());
        }

        console.WriteLine();
    }

    /// <summary>Wrapped text, every line indented.</summary>
    public void Prose(int indent, string text, Ink ink = Ink.Plain)
    {
        foreach (string line in Wrapping.Lines(text, Width - indent))
        {
            Line((new string(' ', indent), Ink.Plain), (line, ink));
        }
    }

    /// <summary>A label in its own column, and wrapped text beside it.</summary>
    public void Field(int indent, string label, string text, Ink ink = Ink.Plain) =>
        Field(indent, label, Wrapping.Lines(text, Width - indent - LabelWidth), ink);

    /// <summary>A label in its own column, and lines beside it that are never wrapped.</summary>
    public void Field(int indent, string label, IEnumerable<string> lines, Ink ink = Ink.Plain)
    {
        string margin = new(' ', indent);
        foreach (string line in lines)
        {
            Line((margin, Ink.Plain), (label.PadRight(LabelWidth), Ink.Faint), (line, ink));
            label = "";
        }
    }
}

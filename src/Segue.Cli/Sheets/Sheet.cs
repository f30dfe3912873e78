using Spectre.Console;

namespace Segue.Cli.Sheets;

/// <summary>
/// Writes lines. Prose is wrapped at a readable width, or at the terminal's if that is smaller; code is never wrapped,
/// so that it can be copied.
/// </summary>
/// <param name="columns">The terminal's width; without a terminal there is no limit.</param>
internal sealed class Sheet(IAnsiConsole console, int columns = Sheet.Unlimited)
{
    public const int Unlimited = 100_000;

    private const int WellRead = 100;
    private const int Narrowest = 40;
    private const int LabelWidth = 10;

    /// <summary>The width of a table's line.</summary>
    public int Columns { get; } = Math.Max(columns, Narrowest);

    /// <summary>The width for what is laid out in columns: readable also where a file or a pipe has no width.</summary>
    public int Readable => Columns == Unlimited ? WellRead : Columns;

    /// <summary>The rest of a line beside a label.</summary>
    public int Room(int indent) => Readable - indent - LabelWidth;

    private int Width => Math.Min(Columns, WellRead);

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

    /// <summary>
    /// A sentence after a label: one line without a terminal, so that it can be found by search; wrapped on a terminal.
    /// </summary>
    public void Sentence(string label, Ink ink, string text)
    {
        foreach ((int index, string line) in Wrapping.Lines(label + text, Columns).Index())
        {
            ReadOnlySpan<(string, Ink)> spans =
                index == 0 ? [(label, ink), (line[label.Length..], Ink.Plain)] : [(line, Ink.Plain)];
            Line(spans);
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

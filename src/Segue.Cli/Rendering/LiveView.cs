using Spectre.Console;
using Spectre.Console.Rendering;

namespace Segue.Cli.Rendering;

/// <summary>A journal as lines on a terminal.</summary>
internal sealed class LiveView(RunJournal journal, bool unicode, int width)
{
    private const int BarWidth = 30;

    private readonly List<IRenderable> _lines = [];

    public IRenderable Render()
    {
        Line((journal.Change, Ink.Strong), ($"  {Plain.Duration(journal.Elapsed)}", Ink.Faint));
        foreach (StageProgress stage in journal.Stages)
        {
            Stage(stage);
        }

        foreach (string note in journal.Notes)
        {
            Line(("  note: ", Ink.Warning), (note, Ink.Plain));
        }

        return new Rows(_lines);
    }

    private void Stage(StageProgress stage)
    {
        (string mark, Ink ink) = Mark(stage.State);
        string took = Took(stage);
        Line(
            ($"  {mark} ", ink),
            (
                took.Length == 0 ? stage.Name : stage.Name.PadRight(10),
                stage.State == StageState.Running ? Ink.Strong : Ink.Plain
            ),
            (took, Ink.Faint)
        );
        if (stage.State is StageState.Running or StageState.Stopped)
        {
            Now();
        }
    }

    private void Now()
    {
        if (journal.Step is { } step)
        {
            Line(("      ", Ink.Plain), (step.Title, Ink.Plain));
        }

        if (journal.Filling is { } filling)
        {
            Line(
                ("      ", Ink.Plain),
                (Bar(ProgressWords.Share(filling)), Ink.Good),
                ($" {ProgressWords.Share(filling):P0}  {ProgressWords.Rows(filling)}", Ink.Plain)
            );
            Line(("      ", Ink.Plain), (ProgressWords.Pace(filling), Ink.Faint));
        }

        Detail(journal.Verifying is { } verifying ? ProgressWords.Compared(verifying) : null, Ink.Plain);
        Building();
        Detail(journal.ThrottleReason is { } reason ? $"pausing: {reason}" : null, Ink.Warning);
        Detail(journal.Blockers is { } blockers ? ProgressWords.Waiting(blockers) : null, Ink.Warning);
    }

    private void Building()
    {
        if (journal.Building is { Done: { } done, Total: > 0 and var total })
        {
            Line(("      ", Ink.Plain), (Bar(Math.Clamp((double)done / total, 0, 1)), Ink.Good));
        }

        Detail(journal.Building is { } building ? ProgressWords.Online(building) : null, Ink.Plain);
    }

    private void Detail(string? text, Ink ink)
    {
        foreach (string line in text is null ? [] : Wrapping.Lines(text, Math.Max(20, width - 6)))
        {
            Line(("      ", Ink.Plain), (line, ink));
        }
    }

    private void Line(params ReadOnlySpan<(string Text, Ink Ink)> spans)
    {
        Paragraph line = new();
        foreach ((string text, Ink ink) in spans)
        {
            line.Append(Printable.Of(text), ink.Style());
        }

        _lines.Add(line);
    }

    private string Bar(double share)
    {
        int full = (int)Math.Round(share * BarWidth);
        return new string(unicode ? '\u2588' : '#', full) + new string(unicode ? '\u2591' : '-', BarWidth - full);
    }

    private (string Mark, Ink Ink) Mark(StageState state) =>
        state switch
        {
            StageState.Done => (unicode ? "\u2713" : "v", Ink.Good),
            StageState.Running => (unicode ? "\u25B8" : ">", Ink.Warning),
            StageState.Stopped => (unicode ? "\u2717" : "x", Ink.Bad),
            _ => (unicode ? "\u00B7" : ".", Ink.Faint),
        };

    private static string Took(StageProgress stage) =>
        stage switch
        {
            { State: StageState.Done, Took: { } took } => Plain.Duration(took),
            { State: StageState.Done } => "done before",
            _ => "",
        };
}

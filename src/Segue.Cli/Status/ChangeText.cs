using Segue.Ledger;
using Segue.Projects;

namespace Segue.Cli.Status;

/// <summary>One change with its steps and events.</summary>
internal sealed class ChangeText(Sheet sheet, Hints hints)
{
    public void Write(Standing standing)
    {
        Head(standing);
        sheet.Line();
        foreach (IGrouping<string, StepStanding> stage in standing.Steps!.GroupBy(step => step.Stage))
        {
            sheet.Line((stage.Key, Ink.Strong));
            foreach (StepStanding step in stage)
            {
                Step(step);
            }
        }

        Events(standing.Events!);
    }

    private void Head(Standing standing)
    {
        sheet.Line(
            (standing.Name, Ink.Strong),
            ("  ", Ink.Plain),
            (Text.SnakeCase(standing.Status), StatusText.InkOf(standing.Status))
        );
        Field("about", standing.Description);
        Field("stage", standing.Stage);
        Field("rows", StatusText.Rows(standing.Rows));
        Field("failing", standing.FailedRows is { } failed ? StatusText.Failed(failed) : null, Ink.Bad);
        Field("pausing", standing.Throttle.Reason);
        Field("waits for", standing.Gate);
        foreach (OldWrites writes in standing.OldWrites ?? [])
        {
            Field("old code", writes.ToString(), writes.Breaks ? Ink.Warning : Ink.Plain);
        }

        Field("error", standing.Error, Ink.Bad);
        foreach (FileNote note in standing.Notes)
        {
            Field("note", note.ToString(), Ink.Warning);
        }

        foreach ((int index, string command) in standing.Next.Select(hints.Of).Index())
        {
            Field(index == 0 ? "next" : "or", command, Ink.Code);
        }

        foreach (KeptItem item in standing.Kept ?? [])
        {
            Field("keeps", $"{item.What}, as {item.Relation}, {KeptTime.Words(item.Until, item.IsOver)}");
        }

        Field("hash", standing.PlanHash);
        Field("commit", standing.Commit);
        Field("author", standing.Author);
        Field("started", $"{standing.BegunAt:u}, last updated {standing.UpdatedAt:u}");
    }

    private void Field(string label, string? text, Ink ink = Ink.Plain)
    {
        if (!string.IsNullOrEmpty(text))
        {
            sheet.Field(2, label, text, ink);
        }
    }

    private void Step(StepStanding step)
    {
        sheet.Line(
            ($"  {step.State.PadRight(StepStanding.Interrupted.Length)}", InkOf(step.State)),
            ($"  {step.Title}", Ink.Plain),
            (Measures(step), Ink.Faint)
        );
        if (step.Error is { } error)
        {
            sheet.Prose(15, error, Ink.Bad);
        }

        foreach (string finding in Evidence.Lines(step.Verdict))
        {
            sheet.Prose(15, finding);
        }
    }

    private static string Measures(StepStanding step)
    {
        string?[] parts =
        [
            step is { StartedAt: { } started, EndedAt: { } ended } ? Plain.Duration(ended - started) : null,
            step.LockWaitMs is { } wait ? $"lock waited for {Plain.Duration(TimeSpan.FromMilliseconds(wait))}" : null,
            step.LockHoldMs is { } hold ? $"held {Plain.Duration(TimeSpan.FromMilliseconds(hold))}" : null,
            step.Attempts > 1 ? $"{step.Attempts} attempts" : null,
        ];
        string text = string.Join(", ", parts.OfType<string>());
        return text.Length == 0 ? "" : $"  ({text})";
    }

    private void Events(IReadOnlyList<EventStanding> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        sheet.Line();
        sheet.Line(("events", Ink.Strong));
        foreach (EventStanding entry in events)
        {
            sheet.Line(($"  {entry.At:u}  ", Ink.Faint), ($"{entry.Kind}  {entry.Message}", Ink.Plain));
        }
    }

    private static Ink InkOf(string state) =>
        state switch
        {
            "done" => Ink.Good,
            "failed" => Ink.Bad,
            "running" or StepStanding.Interrupted => Ink.Warning,
            _ => Ink.Faint,
        };
}

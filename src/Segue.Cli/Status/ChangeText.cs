using Segue.Cli.Rendering;
using Segue.Ledger;

namespace Segue.Cli.Status;

/// <summary>One change with its steps and events.</summary>
internal sealed class ChangeText(Sheet sheet)
{
    public void Write(ChangeDetails details)
    {
        Head(details);
        sheet.Line();
        foreach (IGrouping<string, StepRecord> stage in details.Steps.GroupBy(step => step.Stage))
        {
            sheet.Line((stage.Key, Ink.Strong));
            foreach (StepRecord step in stage)
            {
                Step(step, details.Titles.GetValueOrDefault(step.Id, step.Id));
            }
        }

        Events(details.Events);
    }

    private void Head(ChangeDetails details)
    {
        Standing standing = details.Standing;
        sheet.Line((standing.Name, Ink.Strong), ("  ", Ink.Plain), (standing.Status, StatusText.InkOf(standing.Status)));
        Field("about", details.Record.Description);
        Field("stage", standing.Stage);
        Field("rows", StatusText.Rows(standing.Rows));
        Field("pausing", standing.Throttle.Reason);
        Field("waits for", standing.Gate);
        Field("error", standing.Error, Ink.Bad);
        foreach (KeptItem item in standing.Kept ?? [])
        {
            Field("keeps", $"{item.What}, as {item.Relation}, {KeptTime.Words(item.Until, item.IsOver)}");
        }

        Field("hash", standing.PlanHash);
        Field("commit", standing.Commit);
        Field("author", details.Record.Author);
        Field("begun", $"{details.Record.CreatedAt:u}, last heard of {details.Record.UpdatedAt:u}");
    }

    private void Field(string label, string? text, Ink ink = Ink.Plain)
    {
        if (!string.IsNullOrEmpty(text))
        {
            sheet.Field(2, label, text, ink);
        }
    }

    private void Step(StepRecord step, string title)
    {
        sheet.Line(($"  {Text.SnakeCase(step.State),-8}", InkOf(step.State)), ($"  {title}", Ink.Plain), (Measures(step), Ink.Faint));
        if (step.Error is { } error)
        {
            sheet.Prose(12, error, Ink.Bad);
        }

        foreach (string finding in Evidence.Lines(step.Evidence))
        {
            sheet.Prose(12, finding);
        }
    }

    private static string Measures(StepRecord step)
    {
        string?[] parts =
        [
            step is { StartedAt: { } started, EndedAt: { } ended } ? Plain.Duration(ended - started) : null,
            step.LockWait is { } wait ? $"lock waited for {Plain.Duration(wait)}" : null,
            step.LockHold is { } hold ? $"held {Plain.Duration(hold)}" : null,
            step.Attempts > 1 ? $"{step.Attempts} attempts" : null,
        ];
        string text = string.Join(", ", parts.OfType<string>());
        return text.Length == 0 ? "" : $"  ({text})";
    }

    private void Events(IReadOnlyList<LedgerEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        sheet.Line();
        sheet.Line(("events", Ink.Strong));
        foreach (LedgerEvent entry in events.OrderBy(entry => entry.Id))
        {
            sheet.Line(($"  {entry.At:u}  ", Ink.Faint), ($"{entry.Kind}  {entry.Message}", Ink.Plain));
        }
    }

    private static Ink InkOf(StepState state) => state switch
    {
        StepState.Done => Ink.Good,
        StepState.Failed => Ink.Bad,
        StepState.Running => Ink.Warning,
        _ => Ink.Faint,
    };
}

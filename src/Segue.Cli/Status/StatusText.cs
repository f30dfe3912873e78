using Segue.Ledger;
using Segue.Projects;

namespace Segue.Cli.Status;

/// <summary>All changes as a table.</summary>
internal sealed class StatusText(Sheet sheet)
{
    private const int StatusWidth = 11;

    public void Write(IReadOnlyList<Standing> standings)
    {
        if (standings.Count == 0)
        {
            sheet.Line("There is no change: no change file, and nothing in the ledger.");
            return;
        }

        int name = Math.Max("CHANGE".Length, standings.Max(standing => standing.Name.Length));
        sheet.Line(($"{"CHANGE".PadRight(name)}  {"STATUS".PadRight(StatusWidth)}  {"STAGE", -8}  ROWS", Ink.Faint));
        foreach (Standing standing in standings)
        {
            string status = Text.SnakeCase(standing.Status);
            string where = $"  {standing.Stage ?? "", -8}  {Rows(standing.Rows)}".TrimEnd();
            sheet.Line(
                (standing.Name.PadRight(name), Ink.Strong),
                ($"  {(where.Length > 0 ? status.PadRight(StatusWidth) : status)}", InkOf(standing.Status)),
                (where, Ink.Plain)
            );
            Remarks(standing);
        }
    }

    public static string Rows(RowCounts rows)
    {
        if (rows is { Total: 0, Done: 0 })
        {
            return "";
        }

        string?[] parts =
        [
            rows.Total > rows.Done
                ? $"{Plain.Count(rows.Done)} of about {Plain.Count(rows.Total)}"
                : Plain.Count(rows.Done),
            rows.PerSecond > 0 ? $"{Plain.Count((long)rows.PerSecond)} rows/s" : null,
            rows.EtaSeconds is { } eta ? $"{Plain.Duration(TimeSpan.FromSeconds(eta))} left" : null,
            rows.Skipped > 0 ? $"about {Plain.Count(rows.Skipped)} locked, to retry" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    public static string Failed(FailedRows failed) =>
        $"{Plain.Count(failed.Count)} {(failed.Count == 1 ? "row" : "rows")} cannot be filled: {failed}";

    public static Ink InkOf(ChangeStatus status) =>
        status switch
        {
            ChangeStatus.Completed => Ink.Good,
            ChangeStatus.Failed => Ink.Bad,
            ChangeStatus.Waiting or ChangeStatus.Paused or ChangeStatus.Interrupted => Ink.Warning,
            ChangeStatus.Pending or ChangeStatus.RolledBack => Ink.Faint,
            _ => Ink.Plain,
        };

    private void Remarks(Standing standing)
    {
        if (standing.Gate is { } gate)
        {
            sheet.Prose(4, $"waits for: {gate}", Ink.Warning);
        }

        if (standing.Throttle is { Paused: true, Reason: var reason })
        {
            sheet.Prose(4, $"pausing: {reason}", Ink.Warning);
        }

        foreach (OldWrites writes in standing.OldWrites ?? [])
        {
            sheet.Prose(4, $"old code: {writes}", writes.Breaks ? Ink.Warning : Ink.Plain);
        }

        if (standing.FailedRows is { } failed)
        {
            sheet.Prose(4, $"failing: {Failed(failed)}", Ink.Bad);
        }

        if (standing.Error is { } error)
        {
            sheet.Prose(4, error, Ink.Bad);
        }

        foreach (FileNote note in standing.Notes)
        {
            sheet.Prose(4, note.ToString(), Ink.Warning);
        }
    }
}

using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>A plan for people: its steps, what they block, what they cost, how they are undone.</summary>
internal sealed class PlanText(Sheet sheet)
{
    public void Write(Plan plan, string? description = null)
    {
        Header(plan, description);
        Overview(plan);
        int number = 0;
        foreach (Stage stage in plan.Stages)
        {
            sheet.Line();
            sheet.Line(
                (Text.SnakeCase(stage.Name).ToUpperInvariant(), Ink.Strong),
                ($"  {StageWords.Of(stage.Name)}", Ink.Faint)
            );
            foreach (Step step in stage.Steps)
            {
                sheet.Line();
                sheet.Line(($"{++number, 3}. ", Ink.Faint), (step.Title, Ink.Strong));
                new StepText(sheet).Write(step, plan.Limits);
            }
        }

        Hazards(plan.Hazards);
    }

    private void Header(Plan plan, string? description)
    {
        sheet.Line(("Plan for ", Ink.Plain), (plan.Change, Ink.Strong));
        if (!string.IsNullOrWhiteSpace(description))
        {
            sheet.Prose(0, description.Trim(), Ink.Faint);
        }

        sheet.Line();
        sheet.Field(2, "tables", Relations(plan));
        sheet.Field(2, "server", $"{EngineName(plan.Engine)} {plan.ServerVersion}");
        sheet.Field(
            2,
            "limits",
            "for a lock that blocks an app Segue waits up to "
                + $"{Plain.Duration(Milliseconds(plan.Limits.LockTimeoutMs))} per attempt, and holds it up to "
                + $"{Plain.Duration(Milliseconds(plan.Limits.HoldBudgetMs))}; a batch takes about "
                + $"{Plain.Duration(Milliseconds(plan.Limits.BatchTargetMs))}"
        );
        sheet.Field(2, "shape", PlanShape.HashOf(plan) ?? $"none: an older Segue planned it (format {plan.Format})");
        sheet.Field(2, "hash", PlanJson.Hash(plan));
    }

    private void Overview(Plan plan)
    {
        OverviewLine[] lines =
        [
            .. plan.Steps()
                .Select(
                    (step, index) =>
                        new OverviewLine(
                            $"{index + 1, 5}  ",
                            step.Title,
                            StepText.Blocked(step, plan.Limits),
                            step.Estimate is { } estimate ? Plain.Duration(TimeSpan.FromSeconds(estimate.Seconds)) : "",
                            step.Impact.Blocks == Blocks.Nothing ? Ink.Faint : Ink.Warning
                        )
                ),
        ];
        int title = lines.Max(line => line.Title.Length);
        int blocks = lines.Max(line => line.Blocked.Length);
        sheet.Line();
        foreach (OverviewLine line in lines)
        {
            if (line.Number.Length + title + 2 + blocks + 9 <= sheet.Readable)
            {
                Beside(line, title, blocks);
            }
            else
            {
                Below(line);
            }
        }
    }

    private void Beside(OverviewLine line, int title, int blocks) =>
        sheet.Line(
            ($"{line.Number}{line.Title.PadRight(title)}  ", Ink.Plain),
            (line.Takes.Length == 0 ? line.Blocked : line.Blocked.PadRight(blocks), line.Ink),
            (line.Takes.Length == 0 ? "" : $"  {line.Takes, 7}", Ink.Plain)
        );

    // On a narrow terminal, blocks and duration come below the title.
    private void Below(OverviewLine line)
    {
        string margin = line.Number;
        foreach (string part in Wrapping.Lines(line.Title, sheet.Readable - margin.Length))
        {
            sheet.Line(margin + part);
            margin = new string(' ', margin.Length);
        }

        sheet.Line(
            (margin, Ink.Plain),
            (line.Blocked, line.Ink),
            (line.Takes.Length == 0 ? "" : $", {line.Takes}", Ink.Plain)
        );
    }

    private void Hazards(IReadOnlyList<Hazard> hazards)
    {
        if (hazards.Count == 0)
        {
            return;
        }

        sheet.Line();
        sheet.Line(("HAZARDS", Ink.Warning), ("  before you run it", Ink.Faint));
        foreach (Hazard hazard in hazards)
        {
            sheet.Line();
            sheet.Line(("  ! ", Ink.Warning), (hazard.Code, Ink.Strong));
            sheet.Prose(4, hazard.Message);
        }
    }

    private static IEnumerable<string> Relations(Plan plan) =>
        from step in plan.Steps()
        from held in step.Impact.Locks
        // An estimate is about one table: if a step locks several, it is not known which.
        group step.Impact.Locks.Count == 1 ? step.Estimate : null by held.Relation into steps
        let size = steps.OfType<Estimate>().MaxBy(estimate => estimate.Bytes)
        select size is null
            ? Printable.Relation(steps.Key)
            : $"{Printable.Relation(steps.Key)}, about {Plain.Count(size.Rows)} rows, {Plain.Bytes(size.Bytes)}";

    private static TimeSpan Milliseconds(int number) => TimeSpan.FromMilliseconds(number);

    private static string EngineName(string engine) => engine == "postgresql" ? "PostgreSQL" : engine;

    private sealed record OverviewLine(string Number, string Title, string Blocked, string Takes, Ink Ink);
}

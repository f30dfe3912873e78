using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>A plan for people: what runs, what it blocks, what it costs, how it is taken back.</summary>
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
            sheet.Line((Text.SnakeCase(stage.Name).ToUpperInvariant(), Ink.Strong), ($"  {StageWords.Of(stage.Name)}", Ink.Faint));
            foreach (Step step in stage.Steps)
            {
                sheet.Line();
                sheet.Line(($"{++number,3}. ", Ink.Faint), (step.Title, Ink.Strong));
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
            $"a lock that blocks an app is queued for up to {Plain.Duration(Milliseconds(plan.Limits.LockTimeoutMs))} per attempt "
            + $"and held up to {Plain.Duration(Milliseconds(plan.Limits.HoldBudgetMs))}; a batch takes about {Plain.Duration(Milliseconds(plan.Limits.BatchTargetMs))}");
        sheet.Field(2, "hash", PlanJson.Hash(plan));
    }

    private void Overview(Plan plan)
    {
        Step[] steps = [.. plan.Steps()];
        int title = steps.Max(step => step.Title.Length);
        int blocks = steps.Max(step => StepText.Blocked(step, plan.Limits).Length);
        sheet.Line();
        foreach ((int index, Step step) in steps.Index())
        {
            string blocked = StepText.Blocked(step, plan.Limits);
            string takes = step.Estimate is { } estimate ? $"  {Plain.Duration(TimeSpan.FromSeconds(estimate.Seconds)),7}" : "";
            sheet.Line(
                ($"{index + 1,5}  {step.Title.PadRight(title)}  ", Ink.Plain),
                (takes.Length == 0 ? blocked : blocked.PadRight(blocks), step.Impact.Blocks == Blocks.Nothing ? Ink.Faint : Ink.Warning),
                (takes, Ink.Plain));
        }
    }

    private void Hazards(IReadOnlyList<Hazard> hazards)
    {
        if (hazards.Count == 0)
        {
            return;
        }

        sheet.Line();
        sheet.Line(("HAZARDS", Ink.Warning), ("  what you should know before it runs", Ink.Faint));
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
        // An estimate is about one table: where a step locks several, nobody knows which.
        group step.Impact.Locks.Count == 1 ? step.Estimate : null by held.Relation into steps
        let size = steps.OfType<Estimate>().MaxBy(estimate => estimate.Bytes)
        select size is null ? Printable.Relation(steps.Key) : $"{Printable.Relation(steps.Key)}, about {Plain.Count(size.Rows)} rows, {Plain.Bytes(size.Bytes)}";

    private static TimeSpan Milliseconds(int number) => TimeSpan.FromMilliseconds(number);

    private static string EngineName(string engine) => engine == "postgresql" ? "PostgreSQL" : engine;
}

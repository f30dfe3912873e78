using Segue.Planning;

namespace Segue.Cli.Demo;

/// <summary>A plan in short: a line for each step.</summary>
internal sealed class ShortPlan(Sheet sheet, int width)
{
    private const int Margin = 18;

    public void Write(Plan plan)
    {
        int number = 0;
        sheet.Line();
        sheet.Line(
            ("The plan", Ink.Strong),
            ($"  for changes/{plan.Change}.yaml, hash {PlanJson.Hash(plan)[..12]}", Ink.Faint)
        );
        foreach (Stage stage in plan.Stages)
        {
            string name = Text.SnakeCase(stage.Name);
            foreach (Step step in stage.Steps)
            {
                sheet.Line(
                    ($"{++number, 3}. {name, -10}", Ink.Faint),
                    (step.Impact.Blocks == Blocks.Nothing ? "  " : "! ", Ink.Warning),
                    (Shortened(step.Title), Ink.Plain)
                );
                name = "";
            }
        }

        sheet.Line(
            ("  ! ", Ink.Warning),
            (
                $"a lock that applications feel: waited for at most {plan.Limits.LockTimeoutMs} ms, held "
                    + $"at most {plan.Limits.HoldBudgetMs} ms",
                Ink.Faint
            )
        );
    }

    private string Shortened(string title) =>
        title.Length + Margin < width ? title : $"{title[..Math.Max(10, width - Margin - 3)]}...";
}

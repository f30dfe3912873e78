using Segue.Cli.Rendering;
using Segue.Planning;

namespace Segue.Cli.Demo;

/// <summary>A plan in short: a line for each step.</summary>
internal sealed class ShortPlan(Sheet sheet)
{
    public void Write(Plan plan)
    {
        int title = plan.Steps().Max(step => step.Title.Length);
        int number = 0;
        sheet.Line();
        sheet.Line(("The plan", Ink.Strong), ($"  {PlanJson.Hash(plan)[..12]}, made from changes/{plan.Change}.yaml and what the server says", Ink.Faint));
        foreach (Stage stage in plan.Stages)
        {
            string name = Text.SnakeCase(stage.Name);
            foreach (Step step in stage.Steps)
            {
                sheet.Line(
                    ($"{++number,3}. ", Ink.Faint),
                    (name.PadRight(10), Ink.Faint),
                    ($"{step.Title.PadRight(title)}  ", Ink.Plain),
                    (StepText.Blocked(step, plan.Limits), step.Impact.Blocks == Blocks.Nothing ? Ink.Faint : Ink.Warning));
                name = "";
            }
        }

        sheet.Line();
    }
}

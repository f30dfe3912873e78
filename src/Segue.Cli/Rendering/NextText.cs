using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>The next commands for the reader of a plan.</summary>
internal sealed class NextText(Sheet sheet, Hints hints)
{
    public void Write(Plan plan)
    {
        string change = plan.Change;
        bool hasGate = plan.Steps().Any(step => step is GateStep);
        List<(string Command, string Effect)> commands =
        [
            (hints.Apply(change), hasGate ? "runs up to the gate" : "runs all of it"),
        ];
        if (hasGate)
        {
            commands.Add((hints.Complete(change), "passes the gate and finishes"));
        }

        if (plan.Steps().Any(step => step.Undo.Count > 0))
        {
            commands.Add(
                (
                    hints.Rollback(change),
                    hasGate ? "rolls it back, at any time before that" : "rolls it back, while it is not completed"
                )
            );
        }

        int width = commands.Max(entry => entry.Command.Length);
        sheet.Line();
        sheet.Line("NEXT", Ink.Strong);
        sheet.Line();
        foreach ((string command, string effect) in commands)
        {
            sheet.Line(($"  {command.PadRight(width)}", Ink.Code), ($"   {effect}", Ink.Faint));
        }
    }
}

using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>The next commands for the reader of a plan.</summary>
internal sealed class NextText(Sheet sheet, Hints hints)
{
    /// <summary>For a change that has begun: what can be done from where it stands.</summary>
    public void Write(IReadOnlyList<NextAction> next) => Write([.. next.Select(action => (hints.Of(action), ""))]);

    /// <summary>For a change that has not begun.</summary>
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
                    ComesBack(plan) ? "rolls it back, also afterwards while what it dropped is kept"
                    : hasGate ? "rolls it back, at any time before that"
                    : "rolls it back, while it is not completed"
                )
            );
        }

        Write(commands);
    }

    private static bool ComesBack(Plan plan) =>
        plan.Steps(StageName.Contract).Any() && plan.Steps(StageName.Contract).All(step => step.Undo.Count > 0);

    private void Write(IReadOnlyList<(string Command, string Effect)> commands)
    {
        if (commands.Count == 0)
        {
            return;
        }

        int width = commands.Max(entry => entry.Command.Length);
        sheet.Line();
        sheet.Line("NEXT", Ink.Strong);
        sheet.Line();
        foreach ((string command, string effect) in commands)
        {
            sheet.Line(
                (effect.Length == 0 ? $"  {command}" : $"  {command.PadRight(width)}", Ink.Code),
                (effect.Length == 0 ? "" : $"   {effect}", Ink.Faint)
            );
        }
    }
}

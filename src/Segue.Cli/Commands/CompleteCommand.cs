using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary><c>segue complete CHANGE</c>: passes the gate and contracts.</summary>
internal static class CompleteCommand
{
    public static Command Create(Host host) =>
        Decision.Create(
            host,
            new Decision
            {
                Name = "complete",
                Description = "Passes a change's gate and finishes it.",
                More =
                    "Run it when your app uses the new shape: Segue drops what only old code needed. "
                    + "Afterwards there is no rollback, except of dropped tables while they are kept. So "
                    + "it asks for confirmation; without a terminal, pass --yes.",
                Examples =
                [
                    "segue complete 0007_orders_currency",
                    "segue complete 0007 --yes                        without confirmation, for scripts",
                ],
                Effect = (plan, _) => Consequences.OfCompleting(plan),
                Question = change => $"Complete {change}?",
                Run = (target, change, events, cancel) => target.CompleteAsync(change, events: events, cancel: cancel),
            }
        );
}

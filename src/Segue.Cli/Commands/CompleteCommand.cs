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
                    "Your app uses the new shape, and Segue drops what only served the old one. There is "
                    + "no rollback afterwards, except of dropped tables while they are kept, so it asks "
                    + "first; without a terminal it needs --yes.",
                Examples =
                [
                    "segue complete 0007_orders_currency",
                    "segue complete 0007 --yes                        without asking, for scripts",
                ],
                Question = change =>
                    $"Does every app use the new shape of {change}? There is no rollback afterwards, "
                    + "except of dropped tables while they are kept. Complete it?",
                Again = (hints, change) => hints.Complete(change),
                Run = (runner, change, cancel) => runner.CompleteAsync(change, cancel),
            }
        );
}

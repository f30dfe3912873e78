using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue rollback CHANGE</c>: rolls a change back, from any point before its contract stage, or while the tables it
/// dropped are kept.
/// </summary>
internal static class RollbackCommand
{
    public static Command Create(Host host) =>
        Decision.Create(
            host,
            new Decision
            {
                Name = "rollback",
                Description =
                    "Rolls a change back, from any point before it is completed. Dropped tables and columns can be "
                    + "restored also afterwards, while they are kept.",
                More =
                    "Writes of apps to the old shape stay; writes to the new shape are lost. So it "
                    + "asks for confirmation; without a terminal, pass --yes.",
                Examples =
                [
                    "segue rollback 0007_orders_currency",
                    "segue rollback 0007 --yes                        without confirmation, for scripts",
                ],
                Effect = Consequences.OfRollingBack,
                Question = change => $"Roll {change} back?",
                Run = (target, change, _, events, cancel) =>
                    target.RollbackAsync(change, events: events, cancel: cancel),
            }
        );
}

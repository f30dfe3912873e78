using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue rollback CHANGE</c>: takes a change back, from any point before its contract stage, or while what it
/// dropped is kept.
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
                    "Rolls a change back, from any point before it is completed. Dropped tables come back "
                    + "also afterwards, while they are kept.",
                More =
                    "What apps wrote to the old shape stays; what they wrote to the new one goes, so it "
                    + "asks first; without a terminal it needs --yes.",
                Examples =
                [
                    "segue rollback 0007_orders_currency",
                    "segue rollback 0007 --yes                        without asking, for scripts",
                ],
                Question = change => $"Roll {change} back? The new shape is dropped, with what apps wrote to it.",
                Again = (hints, change) => hints.Rollback(change),
                Run = (runner, change, cancel) => runner.RollbackAsync(change, cancel),
            }
        );
}

using System.CommandLine;
using Segue.Cli.Running;
using Segue.Execution;

namespace Segue.Cli.Commands;

/// <summary><c>segue complete CHANGE</c>: passes the gate and contracts.</summary>
internal static class CompleteCommand
{
    private static readonly Option<TimeSpan?> QuietFor = LimitOptions.QuietFor();

    private static readonly Option<bool> Although = new("--although-old-code-writes")
    {
        Description = "Complete although old code was seen writing: its writes may fail. Needs --reason.",
        Validators =
        {
            result =>
            {
                if (result.GetValueOrDefault<bool>() && result.GetResult(CommonOptions.Reason) is null)
                {
                    result.AddError(
                        "'--although-old-code-writes' needs '--reason': segue history shows who completed it, and why."
                    );
                }
            },
        },
    };

    private static CompleteRequest RequestOf(ParseResult parse) =>
        new() { QuietFor = parse.GetValue(QuietFor), AlthoughOldCodeWrites = parse.GetValue(Although) };

    public static Command Create(Host host) =>
        Decision.Create(
            host,
            new Decision
            {
                Name = "complete",
                Description = "Passes a change's gate and finishes it.",
                More =
                    "Run it when your app uses the new shape: Segue drops what only old code needed. "
                    + "While old code was seen writing within --quiet-for, it refuses. "
                    + "Afterwards there is no rollback, except of dropped tables and columns while they are kept. So "
                    + "it asks for confirmation; without a terminal, pass --yes.",
                Examples =
                [
                    "segue complete 0007_orders_currency",
                    "segue complete 0007 --yes                        without confirmation, for scripts",
                    "segue complete 0007 --quiet-for 1d               old code did not write for a day",
                ],
                Own = [QuietFor, Although],
                Effect = (plan, _) => Consequences.OfCompleting(plan),
                Question = change => $"Complete {change}?",
                Run = (target, change, parse, events, cancel) =>
                    target.CompleteAsync(change, RequestOf(parse), events: events, cancel: cancel),
            }
        );
}

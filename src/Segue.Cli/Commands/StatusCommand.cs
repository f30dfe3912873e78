using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary><c>segue status [CHANGE]</c>: the state of changes.</summary>
internal static class StatusCommand
{
    public static Command Create(Host host)
    {
        Argument<string?> change = CommonOptions.OptionalChange(
            "Show this change with its steps and events. Default: all."
        );
        Option<bool> watch = new("--watch", "-w")
        {
            Description = "Show it again each second, until interrupted. With json: one document per line.",
        };
        Verb verb = new(
            "status",
            "Shows the state of changes.",
            "It shows the changes of the ledger, and files that were not applied yet.",
            "segue status",
            "segue status 0007_orders_currency                with steps, lock times, verdict and events",
            "segue status --watch",
            "segue status --output json | jq '.changes[] | select(.status == \"waiting\")'"
        )
        {
            change,
            watch,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
        };
        verb.OnDatabase(
            host,
            (session, parse, cancel) => RunAsync(session, parse.GetValue(change), parse.GetValue(watch), cancel)
        );
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, string? wanted, bool watch, CancellationToken cancel)
    {
        if (wanted is null)
        {
            return await ShowAsync(session, null, watch, cancel);
        }

        return await session.WithChangeAsync(wanted, name => ShowAsync(session, name, watch, cancel), cancel);
    }

    private static async Task<ExitCode> ShowAsync(Session session, string? change, bool watch, CancellationToken cancel)
    {
        StatusView view = new(session, change);
        if (watch)
        {
            await view.WatchAsync(cancel);
        }
        else
        {
            await view.ShowAsync(cancel);
        }

        return ExitCode.Done;
    }
}

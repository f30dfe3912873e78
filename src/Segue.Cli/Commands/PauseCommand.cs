using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary><c>segue pause CHANGE</c>: from any terminal; the runner obeys at its next batch.</summary>
internal static class PauseCommand
{
    public static Command Create(Host host)
    {
        Argument<string> change = CommonOptions.Change();
        Verb verb = new(
            "pause",
            "Pauses a change's backfill at its next batch, from any terminal.",
            "The runner stays and waits; its lease goes on.",
            "segue pause 0007_orders_currency")
        {
            change, CommonOptions.Database, CommonOptions.Changes, CommonOptions.Output,
        };
        verb.SetAction((parse, cancel) => DatabaseVerb.RunAsync(
            host, parse, (session, token) => PauseRequest.SendAsync(session, parse.GetRequiredValue(change), paused: true, token), cancel));
        return verb;
    }
}

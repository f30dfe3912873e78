using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary><c>segue resume CHANGE</c>: ends a pause.</summary>
internal static class ResumeCommand
{
    public static Command Create(Host host)
    {
        Argument<string> change = CommonOptions.Change();
        Verb verb = new(
            "resume",
            "Ends a pause, from any terminal.",
            "The waiting runner goes on; where none is left, apply again.",
            "segue resume 0007_orders_currency")
        {
            change, CommonOptions.Database, CommonOptions.Changes, CommonOptions.Output,
        };
        verb.SetAction((parse, cancel) => DatabaseVerb.RunAsync(
            host, parse, (session, token) => PauseRequest.SendAsync(session, parse.GetRequiredValue(change), paused: false, token), cancel));
        return verb;
    }
}

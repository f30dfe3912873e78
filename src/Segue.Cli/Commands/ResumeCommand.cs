using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary><c>segue resume CHANGE</c>: ends a pause.</summary>
internal static class ResumeCommand
{
    public static Command Create(Host host) =>
        PauseRequest.Create(
            host,
            new PauseRequest
            {
                Name = "resume",
                Description = "Ends a pause, from any terminal.",
                More = "The waiting runner continues; if none is running, apply again.",
                Pauses = false,
                Answer = (hints, change) => $"{change} continues. If no runner is running: `{hints.Apply(change)}`.",
            }
        );
}

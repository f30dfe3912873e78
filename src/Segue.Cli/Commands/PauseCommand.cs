using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue pause CHANGE</c>: from any terminal; the runner obeys at its next batch, or range of a proof.
/// </summary>
internal static class PauseCommand
{
    public static Command Create(Host host) =>
        PauseRequest.Create(
            host,
            new PauseRequest
            {
                Name = "pause",
                Description = "Pauses a change's backfill, or its proofs, at the next batch, from any terminal.",
                More = "The runner stays and waits; its lease goes on.",
                Pauses = true,
                Answer = (hints, change) => $"{change} pauses at its next batch. `{hints.Resume(change)}` goes on.",
            }
        );
}

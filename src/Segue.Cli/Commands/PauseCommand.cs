using System.CommandLine;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue pause CHANGE</c>: from any terminal. The runner pauses at its next batch, or range of a proof.
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
                More = "The runner keeps waiting and keeps its lease.",
                Pauses = true,
                Answer = (hints, change) =>
                    $"{change} pauses at its next batch. To continue: `{hints.Resume(change)}`.",
            }
        );
}

using Segue.Changes;
using Segue.Changes.Files;
using Segue.Engines;
using Segue.Execution;

namespace Segue.Cli.Running;

/// <summary>Asks the engine's planner, and names the place in the change's file in what it says.</summary>
internal sealed class ChangePlanner(Session session)
{
    public async Task<Result<PlannedChange>> PlanAsync(ChangeFiles.Entry entry, CancellationToken cancel) =>
        await session.Engine.Planner.PlanAsync(entry.Change, session.PlanOptions, cancel) switch
        {
            PlanOutcome.Planned planned => await PlannedChange.NotedAsync(
                session.Engine,
                new PlannedChange
                {
                    Change = entry.Change,
                    Plan = planned.Plan,
                    Options = session.PlanOptions,
                },
                cancel
            ),
            PlanOutcome.Invalid invalid => new Failure(ExitCode.BadInput, Of(entry, invalid.Problems)),
            PlanOutcome.Refused refused => new Failure(ExitCode.Refused, Of(entry, refused.Problems)),
            var other => throw new System.Diagnostics.UnreachableException($"{other.GetType()}"),
        };

    private static IReadOnlyList<Problem> Of(ChangeFiles.Entry entry, IReadOnlyList<Problem> problems) =>
        [
            .. problems.Select(problem =>
                problem with
                {
                    Where =
                        $"{ChangePlaces.Find(entry.File.Path, entry.Change, problem.Where) ?? entry.Change.Name}: "
                        + $"{problem.Where}",
                }
            ),
        ];
}

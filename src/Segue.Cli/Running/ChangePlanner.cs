using Segue.Changes;
using Segue.Engines;
using Segue.Planning;

namespace Segue.Cli.Running;

/// <summary>Asks the engine's planner, and names the change in what it says.</summary>
internal sealed class ChangePlanner(Session session)
{
    public async Task<Result<Plan>> PlanAsync(Change change, CancellationToken cancel) =>
        await session.Engine.Planner.PlanAsync(change, session.PlanOptions, cancel) switch
        {
            PlanOutcome.Planned planned => planned.Plan,
            PlanOutcome.Invalid invalid => new Failure(ExitCode.BadInput, Of(change, invalid.Problems)),
            PlanOutcome.Refused refused => new Failure(ExitCode.Refused, Of(change, refused.Problems)),
            var other => throw new System.Diagnostics.UnreachableException($"{other.GetType()}"),
        };

    private static IReadOnlyList<Problem> Of(Change change, IReadOnlyList<Problem> problems) =>
        [.. problems.Select(problem => problem with { Where = $"{change.Name}: {problem.Where}" })];
}

using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Finds an object of others that prevents a step, and describes it.</summary>
/// <param name="recordAs">The state the step is to get.</param>
internal sealed class Obstacles(RunContext run, Step step, StepState recordAs)
{
    /// <summary>Null if nothing prevents the step.</summary>
    public async Task<StepOutcome.Failed?> FindAsync(CancellationToken cancel) =>
        step.Obstacle is { } obstacle && await run.Execution.Questions.AskAsync(obstacle.Exists, cancel)
            ? await DescribeAsync(obstacle, cancel)
            : null;

    /// <summary>Describes an obstacle that was there a moment ago.</summary>
    public async Task<StepOutcome.Failed> DescribeAsync(Obstacle obstacle, CancellationToken cancel)
    {
        List<Obstacle> there = [];
        foreach (Obstacle each in obstacle.Each ?? [])
        {
            there.AddRange(
                await run.Execution.Questions.AskAsync(each.Exists, cancel) ? [each] : Array.Empty<Obstacle>()
            );
        }

        string what = there.Count == 0 ? obstacle.What : string.Join("; and ", there.Select(each => each.What));
        return new StepOutcome.Failed(
            $"\"{step.Title}\" cannot run: {what}. Then "
                + $"{(recordAs == StepState.Done ? "apply again; or roll back" : "roll back again")}."
        );
    }
}

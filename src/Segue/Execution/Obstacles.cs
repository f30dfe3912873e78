using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>What of somebody else's making stands in a step's way, in words.</summary>
/// <param name="recordAs">What the step is to become.</param>
internal sealed class Obstacles(RunContext run, Step step, StepState recordAs)
{
    /// <summary>Null where nothing does.</summary>
    public async Task<StepOutcome.Failed?> FindAsync(CancellationToken cancel) =>
        step.Obstacle is { } obstacle && await run.Execution.Questions.AskAsync(obstacle.Exists, cancel)
            ? await DescribeAsync(obstacle, cancel)
            : null;

    /// <summary>One that was there a moment ago.</summary>
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

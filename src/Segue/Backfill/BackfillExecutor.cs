using Segue.Planning;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Backfill;

/// <summary>Fills the tables of a backfill step, one after the other.</summary>
internal sealed class BackfillExecutor(RunContext run)
{
    public async Task<StepOutcome> RunAsync(BackfillStep step, CancellationToken cancel)
    {
        await using Throttle throttle = new(
            run,
            run.Execution.Signals([.. step.Targets.Select(target => target.Relation)])
        );
        foreach (BackfillTarget target in step.Targets)
        {
            await using TableFill fill = new(run, throttle, step, target);
            StepOutcome outcome = await fill.RunAsync(cancel);
            if (outcome is not StepOutcome.Done)
            {
                return outcome;
            }
        }

        return new StepOutcome.Done();
    }

    /// <summary>
    /// The second pass reads every row again. Rows that have their value are not written again and stay counted.
    /// </summary>
    public async Task RestartAsync(BackfillStep step, CancellationToken cancel)
    {
        await using Throttle throttle = new(run, []);
        foreach (BackfillTarget target in step.Targets)
        {
            await using TableFill fill = new(run, throttle, step, target);
            await fill.RestartAsync(cancel);
        }
    }
}

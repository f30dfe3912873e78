using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>
/// What a step may have done without a record of it: its runner died between the two, or its statement still runs.
/// </summary>
internal sealed class UnrecordedWork(IExecution execution, TimeProvider time)
{
    /// <summary>A cancelled statement ends within moments.</summary>
    private const int LooksAtCancelled = 40;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Whether a step that is not recorded as done has changed something. Its statement is ended first if it still
    /// runs.
    /// </summary>
    public async Task<bool> IsThereAsync(Step step, StepState state, CancellationToken cancel) =>
        !step.RecordCommitsWithIt
        && state is not (StepState.Pending or StepState.Done)
        && (!await EndAsync(step, cancel) || await IsShownAsync(step, cancel));

    /// <summary>Ends a statement that a dead runner left running; false if it cannot be ended.</summary>
    public async Task<bool> EndAsync(Step step, CancellationToken cancel)
    {
        foreach (string statement in step.LoneStatements)
        {
            await execution.Online.CancelAsync(statement, cancel);
            for (int looks = 1; await execution.Online.IsRunningAsync(statement, cancel); looks++)
            {
                if (looks == LooksAtCancelled)
                {
                    return false;
                }

                await Task.Delay(BetweenLooks, time, cancel);
            }
        }

        return true;
    }

    private async Task<bool> IsShownAsync(Step step, CancellationToken cancel) =>
        (step.Applied is { } applied && await execution.Questions.AskAsync(applied, cancel))
        || ((step as OnlineStep)?.Residue is { } residue && await execution.Questions.AskAsync(residue.Exists, cancel));
}

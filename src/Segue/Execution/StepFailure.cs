using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Records that a step failed, and how the run ends.</summary>
internal sealed class StepFailure(RunContext run)
{
    public async Task<RunOutcome> RecordAsync(Step step, StepOutcome outcome, string stage, CancellationToken cancel)
    {
        bool rollingBack = stage == "rollback";
        string error = outcome switch
        {
            StepOutcome.LockNotObtained locked => locked.Blockers.Count == 0
                ? $"\"{step.Title}\" did not get its lock in the time allowed."
                : $"\"{step.Title}\" did not get its lock in the time allowed. {string.Join(" ", locked.Blockers)}",
            StepOutcome.Failed failed => failed.Message,
            _ => "",
        };
        ChangeProgress progress = new(ChangeStatus.Failed)
        {
            Stage = stage,
            Error = error,
            RollingBack = rollingBack,
        };
        await run.SetStatusAsync(progress, cancel);
        return outcome is StepOutcome.LockNotObtained blocked
            ? new RunOutcome.LockNotObtained(step, blocked.Blockers)
            : new RunOutcome.Failed(error)
            {
                CanGoBack = !await IsPastReturnAsync(cancel),
                TooMuchAtOnce = (outcome as StepOutcome.Failed)?.TooMuchAtOnce,
            };
    }

    private async Task<bool> IsPastReturnAsync(CancellationToken cancel)
    {
        Dictionary<string, StepRecord> records = await run.RecordsAsync(cancel);
        return run
            .Plan.Steps(StageName.Contract)
            .Any(step => step.CannotBeUndone && records[step.Id].State == StepState.Done);
    }
}

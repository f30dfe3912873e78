using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Records that a step failed, and how the run ends.</summary>
internal sealed class StepFailure(RunContext run)
{
    public async Task<RunOutcome> RecordAsync(Step step, StepOutcome outcome, string stage, CancellationToken cancel)
    {
        if (outcome is StepOutcome.OldCodeWrote)
        {
            return await BackAtGateAsync(cancel);
        }

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

    /// <summary>
    /// Old code wrote after the gate was passed: the change waits again, unless a part of contract is done already.
    /// </summary>
    private async Task<RunOutcome> BackAtGateAsync(CancellationToken cancel)
    {
        RunOutcome.Refused refused = await new OldCode(run.Records.Ledger, run.Options, run.Time).MeanwhileAsync(
            run.Plan.Change,
            cancel
        );
        string error = refused.Problems[0].What;
        Dictionary<string, StepRecord> records = await run.RecordsAsync(cancel);
        (Stage Stage, GateStep Gate)[] gates =
        [
            .. run.Plan.Stages.SelectMany(stage => stage.Steps.OfType<GateStep>().Select(gate => (stage, gate))),
        ];
        if (
            gates.Length == 0
            || run.Plan.Steps(StageName.Contract)
                .Any(step => step is DdlStep && records[step.Id].State == StepState.Done)
        )
        {
            await run.SetStatusAsync(
                new ChangeProgress(ChangeStatus.Failed) { Stage = "contract", Error = error },
                cancel
            );
            return refused;
        }

        foreach (
            Step step in run.Plan.Steps(StageName.Contract).Where(step => records[step.Id].State != StepState.Pending)
        )
        {
            await run.SetStepAsync(step.Id, StepState.Pending, null, cancel);
        }

        foreach ((_, GateStep gate) in gates)
        {
            await run.SetStepAsync(gate.Id, StepState.Pending, null, cancel);
        }

        ChangeProgress waiting = new(ChangeStatus.Waiting)
        {
            Stage = Text.SnakeCase(gates[0].Stage.Name),
            Gate = gates[0].Gate.WaitsFor,
            Error = error,
        };
        await run.SetStatusAsync(waiting, cancel);
        return refused;
    }

    private async Task<bool> IsPastReturnAsync(CancellationToken cancel)
    {
        Dictionary<string, StepRecord> records = await run.RecordsAsync(cancel);
        return run
            .Plan.Steps(StageName.Contract)
            .Any(step => step.CannotBeUndone && records[step.Id].State == StepState.Done);
    }
}

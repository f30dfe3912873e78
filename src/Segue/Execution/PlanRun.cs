using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Verification;

namespace Segue.Execution;

/// <summary>
/// Runs one stored plan forward, step by step, from wherever the ledger and the catalog say it is. So it may be entered
/// again after each lost connection.
/// </summary>
internal sealed class PlanRun(RunContext run, string storedHash)
{
    private readonly PlanCheck _check = new(run, storedHash);
    private readonly UndoneSteps _undoneSteps = new(run);
    private readonly StepRun _steps = new(run);

    /// <param name="until">The last stage to run; null for all.</param>
    /// <param name="passGate">True: somebody passed the gate.</param>
    public async Task<RunOutcome> RunAsync(StageName? until, bool passGate, CancellationToken cancel)
    {
        Dictionary<string, StepRecord> records = await run.RecordsAsync(cancel);
        bool contracting = run.Plan.Steps(StageName.Contract).Any(step => HasBegun(step, records[step.Id].State));
        foreach (Stage stage in run.Plan.Stages)
        {
            if (stage.Steps.All(step => records[step.Id].State == StepState.Done))
            {
                if (contracting || await _undoneSteps.FindAsync(stage, cancel) is not { } undone)
                {
                    continue;
                }

                if (await _undoneSteps.DoAgainAsync(undone, cancel) is { } refused)
                {
                    return refused;
                }

                records = await run.RecordsAsync(cancel);
            }

            if (until is { } last && stage.Name > last)
            {
                string reached = Text.SnakeCase(last);
                string gate = $"somebody to apply it further: it stopped after {reached}, as requested";
                await run.SetStatusAsync(
                    new ChangeProgress(ChangeStatus.Waiting) { Stage = reached, Gate = gate },
                    cancel
                );
                return new RunOutcome.StoppedAfter(last);
            }

            if (await StageAsync(stage, records, new Passage(passGate, contracting), cancel) is { } ended)
            {
                return ended;
            }
        }

        await run.SetStatusAsync(new ChangeProgress(ChangeStatus.Completed), cancel);
        return new RunOutcome.Completed { Afterwards = run.Plan.Afterwards };
    }

    /// <summary>
    /// A statement that commits without its record may have dropped its object before the runner died.
    /// </summary>
    private static bool HasBegun(Step step, StepState state) =>
        (state == StepState.Done && step is not VerifyStep)
        || (step.LoneStatements.Any() && state != StepState.Pending);

    private async Task<RunOutcome?> StageAsync(
        Stage stage,
        Dictionary<string, StepRecord> records,
        Passage passage,
        CancellationToken cancel
    )
    {
        if (await _check.FindAsync(passage.IsContracting, cancel) is { } refused)
        {
            return refused;
        }

        string name = Text.SnakeCase(stage.Name);
        await run.SetStatusAsync(new ChangeProgress(ChangeStatus.Running) { Stage = name }, cancel);
        run.Emit(new RunEvent.StageStarted(name));
        foreach (Step step in stage.Steps)
        {
            if (step is GateStep gate)
            {
                if (!passage.PassGate && records[gate.Id].State != StepState.Done)
                {
                    await run.SetStatusAsync(
                        new ChangeProgress(ChangeStatus.Waiting) { Stage = name, Gate = gate.WaitsFor },
                        cancel
                    );
                    return new RunOutcome.WaitingAtGate(gate);
                }

                await run.SetStepAsync(gate.Id, StepState.Done, null, cancel);
                continue;
            }

            StepOutcome outcome = await _steps.RunAsync(step, step.Id, StepState.Done, cancel);
            if (outcome is not StepOutcome.Done)
            {
                outcome = outcome is StepOutcome.Failed { IsRows: true } failed
                    ? await new Proving(run).WithRowsAsync(await TakenBackAsync(step, failed, cancel), cancel)
                    : outcome;
                return await new StepFailure(run).RecordAsync(step, outcome, name, cancel);
            }
        }

        return null;
    }

    private async Task<StepOutcome.Failed> TakenBackAsync(
        Step step,
        StepOutcome.Failed failed,
        CancellationToken cancel
    )
    {
        Step? made = (step as OnlineStep)?.UndoOnViolation is { } id
            ? run.Plan.Steps().First(other => other.Id == id)
            : null;
        foreach (Step undo in made?.Undo ?? [])
        {
            if (await _steps.RunAsync(undo, made!.Id, StepState.Undone, cancel) is not StepOutcome.Done)
            {
                return failed with
                {
                    Message =
                        $"{failed.Message} \"{undo.Title}\" failed: until the change is applied or "
                        + "rolled back the server rejects such rows.",
                };
            }
        }

        return failed;
    }

    /// <param name="PassGate">Somebody passed the gate.</param>
    /// <param name="IsContracting">A step of contract is done already.</param>
    private readonly record struct Passage(bool PassGate, bool IsContracting);
}

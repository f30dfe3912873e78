using System.Data.Common;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Undoes a plan, last step first.</summary>
internal sealed class PlanRollback(RunContext run, string storedHash)
{
    private readonly StepRun _steps = new(run);

    public async Task<RunOutcome> RunAsync(CancellationToken cancel)
    {
        if (await new PlanCheck(run, storedHash).FindAlteredAsync(cancel) is { } altered)
        {
            return altered;
        }

        await run.SetStatusAsync(
            new ChangeProgress(ChangeStatus.Running) { Stage = "rollback", RollingBack = true },
            cancel
        );
        run.Emit(new RunEvent.StageStarted("rollback"));
        Dictionary<string, StepRecord> records = await run.RecordsAsync(cancel);
        List<string> lacking = [];
        foreach (Step step in run.Plan.Steps().Reverse().Where(step => !NeverWas(step, records[step.Id])))
        {
            // A statement that a dead runner left running would block the drop of its table's objects, or create
            // them anew.
            if (!await new UnrecordedWork(run.Execution, run.Time).EndAsync(step, cancel))
            {
                return await new StepFailure(run).RecordAsync(step, StillRuns(step), "rollback", cancel);
            }

            foreach (Step undo in step.Undo)
            {
                StepOutcome outcome = await UndoAsync(undo, records[step.Id], cancel);
                if (undo.IfNotPossible is not null && outcome is StepOutcome.Failed { IsLasting: true } failed)
                {
                    lacking.Add($"{undo.IfNotPossible} {failed.Message.TrimEnd('.')}");
                    await run.SetStepAsync(step.Id, StepState.Undone, null, cancel);
                }
                else if (outcome is not StepOutcome.Done)
                {
                    return await new StepFailure(run).RecordAsync(undo, outcome, "rollback", cancel);
                }
            }
        }

        IReadOnlyList<string> stays = await StaysAsync(cancel);
        string? error = lacking.Count == 0 ? null : string.Join("; ", lacking);
        await run.SetStatusAsync(new ChangeProgress(ChangeStatus.RolledBack) { Error = error }, cancel);
        return new RunOutcome.RolledBack { Stays = [.. stays, .. lacking] };
    }

    private async Task<StepOutcome> UndoAsync(Step undo, StepRecord record, CancellationToken cancel)
    {
        // If the step is recorded as done, a missing object may also have been altered, or renamed with its table.
        if (
            record.State == StepState.Done
            && await new Obstacles(run, undo, StepState.Undone).FindAsync(cancel) is { } obstacle
        )
        {
            return obstacle;
        }

        return undo.IfNotPossible is null
            ? await _steps.RunAsync(undo, record.Id, StepState.Undone, cancel)
            : await TryUndoAsync(undo, record.Id, cancel);
    }

    /// <summary>
    /// Runs an optional undo: skips it if there is nothing to undo, and turns an error of the server into an outcome.
    /// </summary>
    private async Task<StepOutcome> TryUndoAsync(Step undo, string ledgerStep, CancellationToken cancel)
    {
        try
        {
            return await _steps.IsFoundAsync(undo, ledgerStep, StepState.Undone, cancel)
                ? new StepOutcome.Done()
                : await _steps.RunAsync(undo, ledgerStep, StepState.Undone, cancel);
        }
        catch (DbException error) when (run.Execution.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows)
        {
            return new StepOutcome.Failed(run.Execution.Describe(error)) { IsLasting = true };
        }
    }

    /// <summary>Overwritten or deleted rows stay as the change left them.</summary>
    private async Task<IReadOnlyList<string>> StaysAsync(CancellationToken cancel)
    {
        List<string> stays = [];
        foreach (BackfillStep step in run.Plan.Steps().OfType<BackfillStep>().Where(step => !step.Impact.Reversible))
        {
            long rows = 0;
            foreach (BackfillTarget target in step.Targets)
            {
                BackfillKey key = new(run.Plan.Change, step.Id, target.Relation);
                rows += (await run.Execution.Batches.CursorAsync(key, cancel))?.Rows ?? 0;
            }

            if (rows > 0)
            {
                stays.Add($"{Plain.Count(rows)} rows that \"{step.Title}\" processed stay as it left them");
            }
        }

        return stays;
    }

    /// <summary>
    /// Without a record that commits with its statements, an object with its name belongs to others. Where the record
    /// follows the statements, each undo asks the catalog.
    /// </summary>
    private static bool NeverWas(Step step, StepRecord record) =>
        step.RecordCommitsWithIt && record is { State: not StepState.Done, LockWait: null };

    private static StepOutcome.Failed StillRuns(Step step) =>
        new(
            $"The statement of \"{step.Title}\" was cancelled and still runs on the server. End its session, "
                + "then roll back again."
        );
}

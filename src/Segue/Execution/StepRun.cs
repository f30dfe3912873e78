using Segue.Backfill;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Verification;

namespace Segue.Execution;

/// <summary>Runs one step, unless the catalog or the ledger shows it as done, and records how it ended.</summary>
internal sealed class StepRun(RunContext run)
{
    /// <param name="ledgerStep">The step with the record: an undo is recorded with the step that it undoes.</param>
    public async Task<StepOutcome> RunAsync(Step step, string ledgerStep, StepState recordAs, CancellationToken cancel)
    {
        if (await IsFoundAsync(step, ledgerStep, recordAs, cancel))
        {
            run.Emit(new RunEvent.StepFound(step));
            await run.KeepAsync(step, ledgerStep, cancel);
            await run.SetStepAsync(ledgerStep, recordAs, null, cancel);
            return new StepOutcome.Done();
        }

        long started = run.Time.GetTimestamp();
        bool wasReported =
            step is VerifyStep { MayStay: true }
            && (await run.RecordsAsync(cancel))[ledgerStep].State == StepState.Failed;
        run.Emit(new RunEvent.StepStarted(step));
        await run.SetStepAsync(ledgerStep, StepState.Running, null, cancel);
        if (await new Obstacles(run, step, recordAs).FindAsync(cancel) is { } obstacle)
        {
            return obstacle;
        }

        StepOutcome outcome = await step.Accept(new ByKind(run, ledgerStep, recordAs, wasReported, cancel));
        if (outcome is StepOutcome.Done done)
        {
            if (!step.RecordCommitsWithIt)
            {
                await run.SetStepAsync(ledgerStep, recordAs, null, cancel);
            }

            run.Emit(new RunEvent.StepEnded(step, run.Time.GetElapsedTime(started), done.LockWait, done.LockHold));
        }

        return outcome;
    }

    public async Task<bool> IsFoundAsync(Step step, string ledgerStep, StepState recordAs, CancellationToken cancel)
    {
        if (step.Applied is not null)
        {
            return (!step.CountsOnlyIfRecorded || await IsRecordedAsync(ledgerStep, cancel))
                && await run.Execution.Questions.AskAsync(step.Applied, cancel);
        }

        // No catalog query shows a backfill or a verdict: the ledger's own commits do.
        return (await run.RecordsAsync(cancel))[ledgerStep].State == recordAs;
    }

    /// <summary>The record has the wait for locks from the step's own commit.</summary>
    private async Task<bool> IsRecordedAsync(string ledgerStep, CancellationToken cancel) =>
        (await run.RecordsAsync(cancel))[ledgerStep].LockWait is not null;

    private sealed class ByKind(
        RunContext run,
        string ledgerStep,
        StepState recordAs,
        bool wasReported,
        CancellationToken cancel
    ) : IStepVisitor<Task<StepOutcome>>
    {
        public Task<StepOutcome> Ddl(DdlStep step) => new DdlExecutor(run).RunAsync(step, ledgerStep, recordAs, cancel);

        public Task<StepOutcome> Online(OnlineStep step) =>
            new OnlineExecutor(run, Again(step, recordAs)).RunAsync(step, cancel);

        public Task<StepOutcome> Backfill(BackfillStep step) => new BackfillExecutor(run).RunAsync(step, cancel);

        public Task<StepOutcome> Verify(VerifyStep step) =>
            step.MayStay
                ? new Proving(run).LookAsync(step, wasReported, cancel)
                : new Proving(run).RunAsync(step, cancel);

        // There is nothing to run: whether it is passed is decided before.
        public Task<StepOutcome> Gate(GateStep step) => Task.FromResult<StepOutcome>(new StepOutcome.Done());
    }

    private static string Again(Step step, StepState recordAs) =>
        (recordAs, step.IfNotPossible) switch
        {
            (StepState.Done, _) => " Apply again to retry.",
            (_, null) => " Roll back again to retry.",
            _ => "",
        };
}

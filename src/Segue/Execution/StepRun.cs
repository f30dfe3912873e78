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

        StepOutcome outcome = step switch
        {
            DdlStep ddl => await new DdlExecutor(run).RunAsync(ddl, ledgerStep, recordAs, cancel),
            OnlineStep online => await new OnlineExecutor(run, Again(step, recordAs)).RunAsync(online, cancel),
            BackfillStep backfill => await new BackfillExecutor(run).RunAsync(backfill, cancel),
            VerifyStep { MayStay: true } look => await new Proving(run).LookAsync(look, wasReported, cancel),
            VerifyStep verify => await new Proving(run).RunAsync(verify, cancel),
            _ => throw new InvalidOperationException($"Step {step.Id} has an unknown kind."),
        };
        if (outcome is StepOutcome.Done done)
        {
            if (step is not (DdlStep or VerifyStep))
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
            return await run.Execution.Questions.AskAsync(step.Applied, cancel);
        }

        // No catalog query shows a backfill or a verdict: the ledger's own commits do.
        return (await run.RecordsAsync(cancel))[ledgerStep].State == recordAs;
    }

    private static string Again(Step step, StepState recordAs) =>
        (recordAs, step.Lacking) switch
        {
            (StepState.Done, _) => " Apply again to retry.",
            (_, null) => " Roll back again to retry.",
            _ => "",
        };
}

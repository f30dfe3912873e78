using Segue.Backfill;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>
/// Steps that are done according to the ledger, but that the catalog no longer shows. Example: a sync trigger that was
/// dropped manually.
/// </summary>
internal sealed class UndoneSteps(RunContext run)
{
    /// <summary>The first one of a stage; null if there is none.</summary>
    public async Task<Step?> FindAsync(Stage stage, CancellationToken cancel)
    {
        foreach (Step step in stage.Steps.Where(step => step.Applied is not null))
        {
            if (!await run.Execution.Questions.AskAsync(step.Applied!, cancel))
            {
                return step;
            }
        }

        return null;
    }

    /// <summary>
    /// Rows that were written meanwhile may lack their value. So later fills and proofs, which only the ledger shows as
    /// done, run again too. Null if the run may continue.
    /// </summary>
    public async Task<RunOutcome?> DoAgainAsync(Step undone, CancellationToken cancel)
    {
        foreach (
            Step later in run
                .Plan.Steps()
                .SkipWhile(step => step != undone)
                .Where(step => step is BackfillStep or VerifyStep)
        )
        {
            await run.SetStepAsync(later.Id, StepState.Pending, null, cancel);
            if (later is BackfillStep backfill)
            {
                await new BackfillExecutor(run).RestartAsync(backfill, cancel);
            }
        }

        if (undone.Undo is not [{ Applied: { } isGone }, ..] || await run.Execution.Questions.AskAsync(isGone, cancel))
        {
            run.Emit(
                new RunEvent.Note(
                    $"\"{undone.Title}\" was done before, but the catalog no longer shows it. Running "
                        + "it again, and all steps that depend on it."
                )
            );
            return null;
        }

        string what = $"\"{undone.Title}\" is partly undone: part of what it created is missing or disabled.";
        await run.SetStatusAsync(new ChangeProgress(ChangeStatus.Failed) { Error = what }, cancel);
        string change = run.Plan.Change;
        string remedy =
            "It was probably dropped or disabled manually, or the ledger was restored from an older "
            + "copy. Create the missing part again, as the plan shows it, then apply the change again. A "
            + "rollback instead drops the rest, with the values in it: do not roll back if the change "
            + "was completed after that copy was made.";
        return RunOutcome.Refused.For(
            run.Plan.Change,
            what,
            remedy,
            NextAction.Plan(run.Plan.Change),
            NextAction.Apply(run.Plan.Change),
            NextAction.Rollback(run.Plan.Change)
        );
    }
}

using System.Data.Common;
using Segue.Backfill;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Verification;

/// <summary>Runs a verify step: checks every row, fills again what was not filled, and records the verdict.</summary>
internal sealed class Proving(RunContext run)
{
    public async Task<StepOutcome> RunAsync(VerifyStep step, CancellationToken cancel)
    {
        VerifyExecutor executor = new(run);
        Verdict verdict = await executor.RunAsync(step, cancel);
        bool holds = verdict.Holds;
        string whileFilling = "";
        if (!holds && RepairOf(step, verdict) is { } backfill)
        {
            run.Emit(
                new RunEvent.Note(
                    "Some rows are not filled: the expression gave NULL or failed, a partition was "
                        + "attached meanwhile, or a write bypassed the trigger. Filling again."
                )
            );
            await new BackfillExecutor(run).RestartAsync(backfill, cancel);
            StepOutcome refilled = await new BackfillExecutor(run).RunAsync(backfill, cancel);
            if (refilled is not StepOutcome.Done)
            {
                return refilled;
            }

            Verdict again = await executor.RunAsync(step, cancel);
            holds = again.Holds || (step.IsMoving && again.HasOnlyFewOthersThan(verdict));
            verdict = again;
            whileFilling = again.Findings.Any(finding => finding.Failed.Count > 0)
                ? ""
                : await FailedAsync(backfill, cancel);
        }

        await run.SetStepAsync(
            step.Id,
            holds ? StepState.Done : StepState.Failed,
            VerifyExecutor.Evidence(verdict),
            cancel
        );
        if (holds && !verdict.Holds)
        {
            long left = verdict.Findings.Sum(finding => finding.Mismatches);
            run.Emit(
                new RunEvent.Note(
                    $"An app wrote {Plain.Count(left)} rows after they were checked; they were left as "
                        + "they are. Run the same backfill in a new change once no running version writes "
                        + "the old form."
                )
            );
        }

        string found = string.Join(" ", verdict.Findings.Where(finding => finding.Mismatches > 0));
        return holds ? new StepOutcome.Done() : new StepOutcome.Failed(found + whileFilling) { IsLasting = true };
    }

    /// <summary>
    /// The error that kept rows from being filled, if it has another cause than the check itself, such as a trigger.
    /// </summary>
    private async Task<string> FailedAsync(BackfillStep backfill, CancellationToken cancel)
    {
        FailedRows failed = FailedRows.None;
        foreach (BackfillTarget target in backfill.Targets)
        {
            BackfillKey key = new(run.Plan.Change, backfill.Id, target.Relation);
            failed = failed.Plus((await run.Execution.Batches.CursorAsync(key, cancel))?.Failed ?? FailedRows.None);
        }

        return failed.Count == 0 ? "" : $" Filling raised an error for {Plain.Count(failed.Count)} of them: {failed}.";
    }

    private BackfillStep? RepairOf(VerifyStep step, Verdict verdict)
    {
        string? repairedBy =
            step.RepairedBy
            ?? step.Checks.Zip(verdict.Findings)
                .Where(pair => pair.Second.Mismatches > 0)
                .Select(pair => pair.First.RepairedBy)
                .FirstOrDefault(fill => fill is not null);
        return run.Plan.Steps().OfType<BackfillStep>().FirstOrDefault(fill => fill.Id == repairedBy);
    }

    /// <param name="wasReported">The step's findings were reported, and somebody continues.</param>
    public async Task<StepOutcome> LookAsync(VerifyStep step, bool wasReported, CancellationToken cancel)
    {
        StepOutcome outcome;
        try
        {
            outcome = await RunAsync(step, cancel);
        }
        catch (DbException error) when (run.Execution.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows)
        {
            // An expression that fails on a row, or missing privileges: no single row is the cause.
            await run.SetStepAsync(step.Id, StepState.Failed, null, cancel);
            string what = $"\"{step.Title}\" could not check all rows: {run.Execution.Describe(error)}";
            outcome = new StepOutcome.Failed($"{what} Completing the change again continues without it.")
            {
                IsLasting = true,
            };
        }

        if (outcome is not StepOutcome.Failed failed || !wasReported)
        {
            return outcome;
        }

        await run.SetStepAsync(step.Id, StepState.Done, null, cancel);
        run.Emit(new RunEvent.Note($"Left as it is: {failed.Message}"));
        return new StepOutcome.Done();
    }

    /// <summary>Reports the rows that were written after the proof.</summary>
    public async Task<StepOutcome> WithRowsAsync(StepOutcome.Failed failed, CancellationToken cancel)
    {
        List<string> found = [];
        foreach (VerifyStep proof in run.Plan.Steps(StageName.Verify).OfType<VerifyStep>())
        {
            if (await RunAsync(proof, cancel) is StepOutcome.Failed rows)
            {
                found.Add(rows.Message);
            }
        }

        return failed with
        {
            Message = string.Join(" ", [failed.Message, .. found]),
        };
    }
}

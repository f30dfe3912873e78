using System.Data.Common;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>
/// Tries a short transaction until it gets its locks: checks for blockers before it queues, backs off with jitter,
/// gives up in time.
/// </summary>
internal sealed class DdlExecutor(RunContext run)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A step that exceeds the budget will hardly fit in the next attempt. A few attempts distinguish a slow moment
    /// from a slow statement.
    /// </summary>
    private const int OverBudgetAttempts = 3;

    /// <summary>
    /// A step that writes rows under its locks can be planned in stages instead, and each attempt makes an app wait.
    /// </summary>
    private static int AttemptsOf(DdlStep step) => WritesRows(step) ? 1 : OverBudgetAttempts;

    private static bool WritesRows(DdlStep step) => step.Impact.Cost == Cost.Rewrite;

    private bool IsOfStep(DbException error, DdlStep step) =>
        run.Execution.Classify(error) is var kind
        && (kind is ErrorClass.Permanent || (kind is ErrorClass.Rows && WritesRows(step)));

    private int _overBudget;

    public async Task<StepOutcome> RunAsync(
        DdlStep step,
        string ledgerStep,
        StepState recordAs,
        CancellationToken cancel
    )
    {
        DdlCall call = new(run.Plan, step, run.Lease, ledgerStep, recordAs)
        {
            QuietFor = step.WantsQuiet && recordAs == StepState.Done ? run.Options.QuietFor : TimeSpan.Zero,
        };
        long started = run.Time.GetTimestamp();
        TimeSpan delay = FirstDelay;
        IReadOnlyList<Blocker>? before = null;
        while (true)
        {
            if (!step.RecordCommitsWithIt && await FindUnrecordedAsync(step, started, cancel) is { } found)
            {
                await KeepAsync(call, found, cancel);
                return found;
            }

            IReadOnlyList<Blocker> blockers = await run.Execution.Ddl.BlockersAsync(step, cancel);
            bool isWorthTrying = before is null
                ? blockers.Count == 0
                : !blockers.Any(blocker => Stays(blocker, before));
            if (isWorthTrying)
            {
                (StepOutcome? ended, blockers) = await TryAsync(call, blockers, cancel);
                if (ended is not null)
                {
                    await KeepAsync(call, ended, cancel);
                    return ended;
                }
            }

            before = blockers;
            run.Emit(new RunEvent.Blocked(step, blockers));
            if (run.Time.GetElapsedTime(started) + delay > run.Options.LockWait)
            {
                return new StepOutcome.LockNotObtained(blockers);
            }

            await run.DelayAsync(RunContext.Jittered(delay), cancel);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private Task KeepAsync(DdlCall call, StepOutcome outcome, CancellationToken cancel) =>
        outcome is StepOutcome.Done ? run.KeepAsync(call.Step, call.LedgerStep, cancel) : Task.CompletedTask;

    /// <summary>One attempt; null where another one may go through.</summary>
    private async Task<(StepOutcome? Ended, IReadOnlyList<Blocker> Blockers)> TryAsync(
        DdlCall call,
        IReadOnlyList<Blocker> blockers,
        CancellationToken cancel
    )
    {
        DdlStep step = call.Step;
        Obstacles obstacles = new(run, step, call.RecordAs);
        DdlAttempt attempt;
        try
        {
            attempt = await run.Execution.Ddl.TryAsync(call, cancel);
        }
        catch (DbException error) when (IsOfStep(error, step))
        {
            // An obstacle that appeared during the wait explains more than the server's error.
            if (await obstacles.FindAsync(cancel) is { } obstacle)
            {
                string message = $"{obstacle.Message} The server says: {run.Execution.Describe(error)}";
                return (obstacle with { Message = message }, blockers);
            }

            if (WritesRows(step))
            {
                return (RowsFail(step, error), blockers);
            }

            throw;
        }

        switch (attempt)
        {
            case DdlAttempt.Applied applied:
                await new Confirming(run).WaitAsync(cancel);
                return (new StepOutcome.Done(applied.LockWait, applied.LockHold), blockers);
            case DdlAttempt.OverBudget slow when ++_overBudget >= AttemptsOf(step):
                return (TooSlow(step, slow.Held), blockers);
            case DdlAttempt.Obstructed:
                return (await obstacles.DescribeAsync(step.Obstacle!, cancel), blockers);
            case DdlAttempt.OldCodeWrote:
                return (new StepOutcome.OldCodeWrote(), blockers);
            case DdlAttempt.Unstated other:
                return (
                    new StepOutcome.Failed(
                        $"\"{step.Title}\" took locks that its plan does not declare: "
                            + $"{string.Join("; ", other.Locks)}. It was rolled back and changed nothing. "
                            + "Roll back, declare these locks, and plan again."
                    ),
                    blockers
                );
            case DdlAttempt.NotObtained failed:
                return (null, failed.Blockers);
            default:
                return (null, blockers);
        }
    }

    /// <summary>
    /// A statement that commits by itself may be done already, or a dead runner's session may still run it: a second
    /// one is not sent. Null if neither is so.
    /// </summary>
    private async Task<StepOutcome?> FindUnrecordedAsync(DdlStep step, long started, CancellationToken cancel)
    {
        foreach (string statement in step.LoneStatements)
        {
            while (await run.Execution.Online.IsRunningAsync(statement, cancel))
            {
                if (run.Time.GetElapsedTime(started) > run.Options.LockWait)
                {
                    return new StepOutcome.LockNotObtained([]);
                }

                await run.DelayAsync(RunContext.Jittered(FirstDelay), cancel);
            }
        }

        return await run.Execution.Questions.AskAsync(step.Applied!, cancel) ? new StepOutcome.Done() : null;
    }

    /// <summary>
    /// Do not queue behind a session that was there in two polls, or made an attempt fail and is still there. Do queue
    /// behind short transactions that follow each other without a gap: only an attempt gets past them. Exception: a
    /// standby, where no timeout bounds the wait.
    /// </summary>
    private static bool Stays(Blocker blocker, IReadOnlyList<Blocker> before) =>
        blocker.Standby is not null
        || blocker.Transaction is null
        || before.Any(other => other.Transaction == blocker.Transaction);

    /// <summary>The server does not name the row; the same change in stages does.</summary>
    private StepOutcome.Failed RowsFail(DdlStep step, DbException error)
    {
        string what = $"\"{step.Title}\" failed and changed nothing: {run.Execution.Describe(error)}";
        return new StepOutcome.Failed(what) { TooMuchAtOnce = what };
    }

    private StepOutcome.Failed TooSlow(DdlStep step, TimeSpan held)
    {
        string attempts = AttemptsOf(step) == 1 ? "" : $" in each of {AttemptsOf(step)} attempts";
        string what =
            $"\"{step.Title}\" would have held its locks for more than {run.Plan.Limits.HoldBudgetMs} "
            + $"ms (it was stopped after {Plain.Duration(held)}){attempts}. It changed nothing.";
        return new StepOutcome.Failed($"{what} Run it at a quieter time, or plan again with a larger hold budget.")
        {
            TooMuchAtOnce = what,
        };
    }
}

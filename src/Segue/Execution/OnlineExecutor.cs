using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Execution;

/// <summary>
/// Runs a long statement: adopts one that a dead runner left running, removes the leftovers of a failed attempt, asks
/// the catalog at the end.
/// </summary>
/// <param name="again">How to retry after a failure, as a sentence with a leading blank; empty if there is no
/// retry.</param>
internal sealed class OnlineExecutor(RunContext run, string again)
{
    private static readonly TimeSpan AfterInterrupt = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AdoptionPoll = TimeSpan.FromMilliseconds(500);

    public async Task<StepOutcome> RunAsync(OnlineStep step, CancellationToken cancel)
    {
        if (await LeftAsync(step, cancel) is { } parts)
        {
            return await RunAsync(parts, cancel);
        }

        using CancellationTokenSource over = new(run.Options.OnlineDeadline, run.Time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        try
        {
            await AdoptAsync(step, step.Statement, deadline.Token);
            if (step.Applied is not null && await run.Execution.Questions.AskAsync(step.Applied, cancel))
            {
                return new StepOutcome.Done();
            }

            // To remove the leftovers of an attempt may complete it, as with a half detached partition.
            if (
                await ClearResidueAsync(step, deadline.Token)
                && step.Applied is not null
                && await run.Execution.Questions.AskAsync(step.Applied, cancel)
            )
            {
                return new StepOutcome.Done();
            }

            if (await RunWithRoomAsync(step, deadline.Token) is { } full)
            {
                Cleared cleared = await ClearInTimeAsync(step, cancel);
                return new StepOutcome.Failed($"\"{step.Title}\" was stopped: {full}{Words(cleared)}{again}");
            }
        }
        catch (Exception error)
            when (!cancel.IsCancellationRequested
                && run.Execution.Classify(error)
                    is ErrorClass.Permanent
                        or ErrorClass.Rows
                        or ErrorClass.Cancelled
                        or ErrorClass.Resources
            )
        {
            return await FailedAsync(step, error, deadline.IsCancellationRequested, cancel);
        }
        catch (OperationCanceledException)
        {
            await ClearBrieflyAsync(step);
            throw;
        }

        return step.Applied is null || await run.Execution.Questions.AskAsync(step.Applied, cancel)
            ? new StepOutcome.Done()
            : new StepOutcome.Failed(
                $"\"{step.Title}\" ended without an error, but the catalog does not show its effect.{again}"
            );
    }

    private async Task<StepOutcome> FailedAsync(OnlineStep step, Exception error, bool isLate, CancellationToken cancel)
    {
        // A failed unique build rejects the app's rows until its leftovers are removed: do not leave that to the
        // next run.
        Cleared cleared = await ClearInTimeAsync(step, cancel);
        if (
            cleared == Cleared.Removed
            && step.Applied is not null
            && await run.Execution.Questions.AskAsync(step.Applied, cancel)
        )
        {
            return new StepOutcome.Done();
        }

        string why = isLate
            ? $"it did not end within {Plain.Duration(run.Options.OnlineDeadline)}."
            : run.Execution.Describe(error);
        ErrorClass kind = run.Execution.Classify(error);
        return new StepOutcome.Failed($"\"{step.Title}\" failed: {why}{Words(cleared)}{again}", kind == ErrorClass.Rows)
        {
            IsLasting = kind is (ErrorClass.Permanent or ErrorClass.Rows) && !isLate,
        };
    }

    /// <summary>
    /// The remaining parts if others are applied already; null if the step is a single part, or none is applied.
    /// </summary>
    private async Task<IReadOnlyList<OnlineStep>?> LeftAsync(OnlineStep step, CancellationToken cancel)
    {
        if (step.Parts is not { } parts)
        {
            return null;
        }

        await AdoptAsync(step, step.Statement, cancel);
        List<OnlineStep> left = [];
        foreach (OnlineStep part in parts)
        {
            if (!await run.Execution.Questions.AskAsync(part.Applied!, cancel))
            {
                left.Add(part);
            }
        }

        return left.Count < parts.Count ? left : null;
    }

    private async Task<StepOutcome> RunAsync(IReadOnlyList<OnlineStep> parts, CancellationToken cancel)
    {
        foreach (OnlineStep part in parts)
        {
            if (await RunAsync(part, cancel) is not StepOutcome.Done and var ended)
            {
                return ended;
            }
        }

        return new StepOutcome.Done();
    }

    /// <summary>
    /// A build starts only while there is room on disk, and is cancelled before the disk is full. Null if it ended
    /// normally.
    /// </summary>
    private async Task<string?> RunWithRoomAsync(OnlineStep step, CancellationToken cancel)
    {
        if (step.Impact.Cost != Cost.Build)
        {
            await run.Execution.Online.RunAsync(Call(step.Statement), WatchOf(step), cancel);
            return null;
        }

        await using Throttle room = new(run, run.Execution.Room([.. step.Impact.Locks.Select(held => held.Relation)]));
        await room.WaitUntilClearAsync(cancel);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task building = run.Execution.Online.RunAsync(Call(step.Statement), WatchOf(step), ended.Token);
        Task<string> full = room.UntilStopAsync(ended.Token);
        bool isFull = await Task.WhenAny(building, full) == full && full.IsCompletedSuccessfully;
        if (isFull)
        {
            await ended.CancelAsync();
            await building.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return building.IsCompletedSuccessfully ? null : await full;
        }

        try
        {
            await building;
            return null;
        }
        finally
        {
            await ended.CancelAsync();
            await ((Task)full).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private OnlineCall Call(string statement) => new(run.Plan, statement, run.Lease);

    private OnlineWatch WatchOf(Step step) =>
        new((step as OnlineStep)?.Progress, progress => run.Emit(new RunEvent.OnlineProgressed(step, progress)));

    private async Task AdoptAsync(OnlineStep step, string statement, CancellationToken cancel)
    {
        bool told = false;
        while (await run.Execution.Online.IsRunningAsync(statement, cancel))
        {
            if (!told)
            {
                run.Emit(
                    new RunEvent.Note(
                        $"\"{step.Title}\", started earlier, still runs on the server. Waiting for it "
                            + "instead of starting over."
                    )
                );
                told = true;
            }

            await run.DelayAsync(AdoptionPoll, cancel);
        }
    }

    /// <summary>True if there was something to remove.</summary>
    private async Task<bool> ClearResidueAsync(OnlineStep step, CancellationToken cancel)
    {
        if (step.Residue is not { } residue)
        {
            return false;
        }

        await AdoptAsync(step, residue.Clear, cancel);
        if (!await run.Execution.Questions.AskAsync(residue.Exists, cancel))
        {
            return false;
        }

        run.Emit(new RunEvent.Note($"Removing the leftovers of a failed attempt of \"{step.Title}\"."));
        await run.Execution.Online.RunAsync(
            Call(residue.Clear),
            new OnlineWatch(null, progress => run.Emit(new RunEvent.OnlineProgressed(step, progress))),
            cancel
        );
        return true;
    }

    private enum Cleared
    {
        Nothing,
        Removed,
        NotInTime,
    }

    private string Words(Cleared cleared) =>
        cleared switch
        {
            Cleared.Removed => " Its leftovers were removed.",
            Cleared.NotInTime =>
                $" Its leftovers could not be removed within {Plain.Duration(run.Options.OnlineDeadline)}:"
                    + " another transaction is in the way. The next run of the change, forward or back, removes them.",
            _ => "",
        };

    /// <summary>
    /// Removing leftovers waits for old transactions, as the statement itself did, and has as much time as that.
    /// </summary>
    private async Task<Cleared> ClearInTimeAsync(OnlineStep step, CancellationToken cancel)
    {
        using CancellationTokenSource over = new(run.Options.OnlineDeadline, run.Time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        try
        {
            return await ClearResidueAsync(step, deadline.Token) ? Cleared.Removed : Cleared.Nothing;
        }
        catch (Exception error)
            when (over.IsCancellationRequested
                && !cancel.IsCancellationRequested
                && (error is OperationCanceledException || run.Execution.Classify(error) == ErrorClass.Cancelled)
            )
        {
            return Cleared.NotInTime;
        }
    }

    /// <summary>
    /// A person who interrupts does not want to wait for the transaction that the statement may be waiting for.
    /// </summary>
    private async Task ClearBrieflyAsync(OnlineStep step)
    {
        using CancellationTokenSource patience = new(AfterInterrupt, run.Time);
        try
        {
            // Fenced: once the lease is lost, an index that looks like our leftover may be one that the next runner
            // builds.
            await run.Records.Ledger.SetStepAsync(
                run.Plan.Change,
                step.Id,
                StepState.Failed,
                null,
                run.Lease,
                patience.Token
            );
            await ClearResidueAsync(step, patience.Token);
        }
        catch (Exception error)
            when (patience.IsCancellationRequested
                || run.Execution.Classify(error) is not (ErrorClass.Permanent or ErrorClass.Rows)
            )
        {
            run.Emit(
                new RunEvent.Note(
                    $"The leftovers of \"{step.Title}\" could not be removed at once. The next run of "
                        + "the change, forward or back, removes them."
                )
            );
        }
    }
}

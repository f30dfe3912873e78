using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Permanently drops the tables and columns that a completed change keeps.</summary>
internal sealed class Purge(RunContext run)
{
    /// <param name="now">True: also those that are to be kept longer.</param>
    public async Task<RunOutcome> RunAsync(bool now, CancellationToken cancel)
    {
        string change = run.Plan.Change;
        RetainedRecord[] kept =
        [
            .. (await run.Records.Ledger.RetainedAsync(cancel)).Where(record => record.Change == change),
        ];
        if (Ended(kept, now) is { } ended)
        {
            return ended;
        }

        foreach (RetainedRecord record in kept)
        {
            DdlStep purge = PurgeOf(record)!;
            if (
                purge is { RecordCommitsWithIt: true, Applied: { } gone }
                && await run.Execution.Questions.AskAsync(gone, cancel)
            )
            {
                await RecordGoneAsync(record, purge, cancel);
                continue;
            }

            run.Emit(new RunEvent.StepStarted(purge));
            long started = run.Time.GetTimestamp();
            switch (await new DdlExecutor(run).RunAsync(purge, record.Step, StepState.Done, cancel))
            {
                case StepOutcome.Done done:
                    run.Emit(
                        new RunEvent.StepEnded(purge, run.Time.GetElapsedTime(started), done.LockWait, done.LockHold)
                    );
                    break;
                case StepOutcome.LockNotObtained locked:
                    return new RunOutcome.LockNotObtained(purge, locked.Blockers);
                case StepOutcome.Failed failed:
                    return new RunOutcome.Failed(failed.Message);
            }
        }

        return new RunOutcome.Purged([.. kept.Select(record => record.What)]);
    }

    /// <summary>Somebody dropped it: there is nothing to lock and nothing to drop.</summary>
    private async Task RecordGoneAsync(RetainedRecord record, DdlStep purge, CancellationToken cancel)
    {
        string what =
            $"{record.What} does not exist any more where it was kept ({record.Relation}): somebody dropped it. "
            + "Nothing of it is left to drop.";
        await run.Records.Ledger.SetRetentionAsync(
            record.Change,
            record.Step,
            RetentionEntry.Of(run.Plan, purge, record.Step)!,
            run.Lease,
            cancel
        );
        await run.Records.Ledger.AppendAsync(record.Change, "note", what, cancel);
        run.Emit(new RunEvent.Note(what));
    }

    /// <summary>Null where there is something to drop, and all of it may be.</summary>
    private RunOutcome? Ended(IReadOnlyList<RetainedRecord> kept, bool now)
    {
        string change = run.Plan.Change;
        string[] planned = [.. run.Plan.Steps().Select(step => step.Retains?.What).OfType<string>()];
        if (kept.Count == 0 && planned.Length > 0)
        {
            // An earlier run dropped it, or this one before its connection was lost.
            return new RunOutcome.Purged(planned);
        }

        if (kept.Count == 0)
        {
            return RunOutcome.Refused.For(
                change,
                "nothing of it is kept.",
                "List what is kept.",
                NextAction.Purge(null)
            );
        }

        if (!now && kept.FirstOrDefault(record => !record.IsOver) is { } early)
        {
            return RunOutcome.Refused.For(
                change,
                $"{early.What} is kept until {early.Until:u}.",
                "Wait until then, or purge it now anyway: a rollback cannot restore it afterwards.",
                NextAction.Purge(change) with
                {
                    AtOnce = true,
                }
            );
        }

        if (kept.FirstOrDefault(record => PurgeOf(record) is null) is { } unknown)
        {
            return RunOutcome.Refused.For(
                change,
                $"the stored plan has no step that drops {unknown.What}. Nothing was dropped.",
                "Drop it manually."
            );
        }

        return null;
    }

    private DdlStep? PurgeOf(RetainedRecord record) =>
        run.Plan.Steps().FirstOrDefault(step => step.Id == record.Step)?.Retains?.Purge as DdlStep;
}

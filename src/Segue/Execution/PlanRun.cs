using System.Data.Common;
using Segue.Backfill;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Verification;

namespace Segue.Execution;

/// <summary>
/// Takes one stored plan forward or back, step by step, from wherever the ledger and the catalog say it is; so it may be entered again
/// whenever a connection was lost on the way.
/// </summary>
internal sealed class PlanRun(RunContext run, string storedHash)
{
    /// <param name="until">The last stage to run; null for all.</param>
    /// <param name="passGate">True: somebody said go.</param>
    public Task<RunOutcome> ForwardAsync(StageName? until, bool passGate, CancellationToken cancel) =>
        ConfirmedAsync(GoForwardAsync(until, passGate, cancel), cancel);

    /// <summary>Takes back what is there to take back, last step first.</summary>
    public Task<RunOutcome> BackwardAsync(CancellationToken cancel) => ConfirmedAsync(GoBackwardAsync(cancel), cancel);

    private async Task<RunOutcome> GoForwardAsync(StageName? until, bool passGate, CancellationToken cancel)
    {
        Dictionary<string, StepRecord> records = await RecordsAsync(cancel);
        bool contracting = run.Plan.Stages.Where(stage => stage.Name == StageName.Contract).SelectMany(stage => stage.Steps).Any(step => HasBegun(step, records[step.Id].State));
        foreach (Stage stage in run.Plan.Stages)
        {
            if (stage.Steps.All(step => records[step.Id].State == StepState.Done))
            {
                if (contracting || await FindUndoneAsync(stage, cancel) is not { } undone)
                {
                    continue;
                }

                if (await DoAgainAsync(undone, cancel) is { } refused)
                {
                    return refused;
                }

                records = await RecordsAsync(cancel);
            }

            if (until is { } last && stage.Name > last)
            {
                string reached = Text.SnakeCase(last);
                await StatusAsync(
                    new ChangeProgress(ChangeStatus.Waiting) { Stage = reached, Gate = $"`segue apply {run.Plan.Change}` to go on: stopped after {reached}, as asked" }, cancel);
                return new RunOutcome.StoppedAfter(last);
            }

            if (await StageAsync(stage, records, new Passage(passGate, contracting), cancel) is { } ended)
            {
                return ended;
            }
        }

        await StatusAsync(new ChangeProgress(ChangeStatus.Completed), cancel);
        return new RunOutcome.Completed { Afterwards = run.Plan.Afterwards };
    }

    private async Task<RunOutcome> ConfirmedAsync(Task<RunOutcome> running, CancellationToken cancel)
    {
        RunOutcome outcome = await running;
        if (outcome is RunOutcome.Completed or RunOutcome.RolledBack or RunOutcome.WaitingAtGate or RunOutcome.StoppedAfter)
        {
            await new Confirming(run).WaitAsync(cancel);
        }

        return outcome;
    }

    /// <summary>No record commits with a statement outside a transaction: it may have taken away what it was to take away, and nobody heard of it.</summary>
    private static bool HasBegun(Step step, StepState state) => (state == StepState.Done && step is not VerifyStep) || (step is OnlineStep && state != StepState.Pending);

    private async Task<RunOutcome> GoBackwardAsync(CancellationToken cancel)
    {
        if (await CheckHashAsync(cancel) is { } altered)
        {
            return altered;
        }

        await StatusAsync(new ChangeProgress(ChangeStatus.Running) { Stage = "rollback", RollingBack = true }, cancel);
        run.Emit(new RunEvent.StageStarted("rollback"));
        Dictionary<string, StepRecord> records = await RecordsAsync(cancel);
        List<string> lacking = [];
        foreach (Step step in run.Plan.Steps().Reverse().Where(step => !NeverWas(step, records[step.Id])))
        {
            if (step is OnlineStep online)
            {
                // A build that a dead runner left running would stand in the way of dropping what it works on.
                await run.Engine.Online.CancelAsync(online.Statement, cancel);
            }

            foreach (Step undo in step.Undo)
            {
                // Of what was surely made here, "gone" may also mean altered, or renamed with its table.
                StepOutcome outcome = records[step.Id].State == StepState.Done && await new Obstacles(run, undo, StepState.Undone).FindAsync(cancel) is { } inTheWay
                    ? inTheWay
                    : await UndoAsync(undo, step.Id, cancel);
                if (undo.Lacking is not null && outcome is StepOutcome.Failed { IsLasting: true } failed)
                {
                    lacking.Add($"{undo.Lacking} {failed.Message.TrimEnd('.')}");
                    await SetStepAsync(step.Id, StepState.Undone, null, cancel);
                }
                else if (outcome is not StepOutcome.Done)
                {
                    return await EndedBadlyAsync(undo, outcome, "rollback", cancel);
                }
            }
        }

        IReadOnlyList<string> stays = await StaysAsync(cancel);
        await StatusAsync(new ChangeProgress(ChangeStatus.RolledBack) { Error = lacking.Count == 0 ? null : string.Join("; ", lacking) }, cancel);
        return new RunOutcome.RolledBack { Stays = [.. stays, .. lacking] };
    }

    /// <summary>One that can be gone without is passed over where there is nothing for it to do.</summary>
    private async Task<StepOutcome> UndoAsync(Step undo, string ledgerStep, CancellationToken cancel)
    {
        if (undo.Lacking is null)
        {
            return await ExecuteAsync(undo, ledgerStep, StepState.Undone, cancel);
        }

        try
        {
            return await IsFoundAsync(undo, ledgerStep, StepState.Undone, cancel) ? new StepOutcome.Done() : await ExecuteAsync(undo, ledgerStep, StepState.Undone, cancel);
        }
        catch (DbException error) when (run.Engine.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows)
        {
            return new StepOutcome.Failed(run.Engine.Describe(error)) { IsLasting = true };
        }
    }

    /// <summary>Rows that were written over or deleted are as the change left them.</summary>
    private async Task<IReadOnlyList<string>> StaysAsync(CancellationToken cancel)
    {
        List<string> stays = [];
        foreach (BackfillStep step in run.Plan.Steps().OfType<BackfillStep>().Where(step => !step.Impact.Reversible))
        {
            long rows = 0;
            foreach (BackfillTarget target in step.Targets)
            {
                rows += (await run.Engine.Batches.CursorAsync(new BackfillKey(run.Plan.Change, step.Id, target.Relation), cancel))?.Rows ?? 0;
            }

            stays.AddRange(rows > 0 ? [$"{Plain.Count(rows)} rows that \"{step.Title}\" had reached stay as it left them"] : Array.Empty<string>());
        }

        return stays;
    }

    /// <summary>A transaction's record commits with it. Without one, what now bears its objects' names is somebody else's.</summary>
    private static bool NeverWas(Step step, StepRecord record) => step is DdlStep && record is { State: not StepState.Done, LockWait: null };

    private async Task<RunOutcome?> StageAsync(Stage stage, Dictionary<string, StepRecord> records, Passage passage, CancellationToken cancel)
    {
        if (await CheckAsync(passage.IsContracting, cancel) is { } refused)
        {
            return refused;
        }

        string name = Text.SnakeCase(stage.Name);
        await StatusAsync(new ChangeProgress(ChangeStatus.Running) { Stage = name }, cancel);
        run.Emit(new RunEvent.StageStarted(name));
        foreach (Step step in stage.Steps)
        {
            if (step is GateStep gate)
            {
                if (!passage.PassGate && records[gate.Id].State != StepState.Done)
                {
                    await StatusAsync(new ChangeProgress(ChangeStatus.Waiting) { Stage = name, Gate = gate.WaitsFor }, cancel);
                    return new RunOutcome.WaitingAtGate(gate);
                }

                await run.Engine.Ledger.SetStepAsync(run.Plan.Change, gate.Id, StepState.Done, null, run.Lease, cancel);
                continue;
            }

            StepOutcome outcome = await ExecuteAsync(step, step.Id, StepState.Done, cancel);
            if (outcome is not StepOutcome.Done)
            {
                outcome = outcome is StepOutcome.Failed { IsRows: true } failed ? await WithRowsAsync(await TakenBackAsync(step, failed, cancel), cancel) : outcome;
                return await EndedBadlyAsync(step, outcome, name, cancel);
            }
        }

        return null;
    }

    private async Task<StepOutcome.Failed> TakenBackAsync(Step step, StepOutcome.Failed failed, CancellationToken cancel)
    {
        Step? made = (step as OnlineStep)?.TakesBack is { } id ? run.Plan.Steps().First(other => other.Id == id) : null;
        foreach (Step undo in made?.Undo ?? [])
        {
            if (await ExecuteAsync(undo, made!.Id, StepState.Undone, cancel) is not StepOutcome.Done)
            {
                return failed with { Message = $"{failed.Message} \"{undo.Title}\" did not end well: until `segue apply` or `segue rollback` such rows are rejected." };
            }
        }

        return failed;
    }

    /// <summary>Rows that came after the proof: they are looked for again, to be named.</summary>
    private async Task<StepOutcome> WithRowsAsync(StepOutcome.Failed failed, CancellationToken cancel)
    {
        List<string> found = [];
        foreach (VerifyStep proof in run.Plan.Stages.Where(stage => stage.Name == StageName.Verify).SelectMany(stage => stage.Steps).OfType<VerifyStep>())
        {
            if (await VerifyAsync(proof, cancel) is StepOutcome.Failed rows)
            {
                found.Add(rows.Message);
            }
        }

        return failed with { Message = string.Join(" ", [failed.Message, .. found]) };
    }

    private async Task<StepOutcome> ExecuteAsync(Step step, string ledgerStep, StepState recordAs, CancellationToken cancel)
    {
        if (await IsFoundAsync(step, ledgerStep, recordAs, cancel))
        {
            run.Emit(new RunEvent.StepFound(step));
            await SetStepAsync(ledgerStep, recordAs, null, cancel);
            return new StepOutcome.Done();
        }

        long started = run.Time.GetTimestamp();
        bool wasTold = step is VerifyStep { MayStay: true } && (await RecordsAsync(cancel))[ledgerStep].State == StepState.Failed;
        run.Emit(new RunEvent.StepStarted(step));
        await SetStepAsync(ledgerStep, StepState.Running, null, cancel);
        if (await new Obstacles(run, step, recordAs).FindAsync(cancel) is { } obstacle)
        {
            return obstacle;
        }

        StepOutcome outcome = step switch
        {
            DdlStep ddl => await new DdlExecutor(run).RunAsync(ddl, ledgerStep, recordAs, cancel),
            OnlineStep online => await new OnlineExecutor(run, recordAs == StepState.Done ? " `segue apply` tries again." : step.Lacking is null ? " `segue rollback` tries again." : "").RunAsync(online, cancel),
            BackfillStep backfill => await new BackfillExecutor(run).RunAsync(backfill, cancel),
            VerifyStep { MayStay: true } look => await LookAsync(look, wasTold, cancel),
            VerifyStep verify => await VerifyAsync(verify, cancel),
            _ => throw new InvalidOperationException($"Step {step.Id} is of no kind that is executed."),
        };
        if (outcome is StepOutcome.Done done)
        {
            if (step is not (DdlStep or VerifyStep))
            {
                await SetStepAsync(ledgerStep, recordAs, null, cancel);
            }

            run.Emit(new RunEvent.StepEnded(step, run.Time.GetElapsedTime(started), done.LockWait, done.LockHold));
        }

        return outcome;
    }

    private async Task<bool> IsFoundAsync(Step step, string ledgerStep, StepState recordAs, CancellationToken cancel)
    {
        if (step.Applied is not null)
        {
            return await run.Engine.Questions.AskAsync(step.Applied, cancel);
        }

        // What no catalog query can tell (a backfill, a verdict) the ledger knows from its own commits.
        return (await RecordsAsync(cancel))[ledgerStep].State == recordAs;
    }

    private async Task<StepOutcome> VerifyAsync(VerifyStep step, CancellationToken cancel)
    {
        VerifyExecutor executor = new(run);
        Verdict verdict = await executor.RunAsync(step, cancel);
        bool holds = verdict.Holds;
        string whileFilling = "";
        if (!holds && run.Plan.Steps().OfType<BackfillStep>().FirstOrDefault(fill => fill.Id == RepairOf(step, verdict)) is { } backfill)
        {
            run.Emit(new RunEvent.Note("Some rows are not filled (a partition attached meanwhile, or writes that bypassed triggers). Filling again."));
            await new BackfillExecutor(run).RestartAsync(backfill, cancel);
            StepOutcome refilled = await new BackfillExecutor(run).RunAsync(backfill, cancel);
            if (refilled is not StepOutcome.Done)
            {
                return refilled;
            }

            Verdict again = await executor.RunAsync(step, cancel);
            holds = again.Holds || (step.IsMoving && again.HasOnlyFewOthersThan(verdict));
            verdict = again;
            whileFilling = verdict.Findings.Any(finding => finding.Failed.Count > 0) ? "" : await FailedAsync(backfill, cancel);
        }

        await SetStepAsync(step.Id, holds ? StepState.Done : StepState.Failed, VerifyExecutor.Evidence(verdict), cancel);
        if (holds && !verdict.Holds)
        {
            run.Emit(new RunEvent.Note($"{Plain.Count(verdict.Findings.Sum(finding => finding.Mismatches))} rows were written by an app since they were looked at, and are left: say so again when no running version writes them any more."));
        }

        return holds ? new StepOutcome.Done() : new StepOutcome.Failed(string.Join(" ", verdict.Findings.Where(finding => finding.Mismatches > 0)) + whileFilling) { IsLasting = true };
    }

    /// <summary>What kept rows from being filled, where it is something else than what the verdict asks, such as a trigger.</summary>
    private async Task<string> FailedAsync(BackfillStep backfill, CancellationToken cancel)
    {
        FailedRows failed = FailedRows.None;
        foreach (BackfillTarget target in backfill.Targets)
        {
            failed = failed.Plus((await run.Engine.Batches.CursorAsync(new BackfillKey(run.Plan.Change, backfill.Id, target.Relation), cancel))?.Failed ?? FailedRows.None);
        }

        return failed.Count == 0 ? "" : $" \"{backfill.Title}\" failed for {Plain.Count(failed.Count)} of them: {failed}.";
    }

    private static string? RepairOf(VerifyStep step, Verdict verdict) =>
        step.RepairedBy ?? step.Checks.Zip(verdict.Findings).Where(pair => pair.Second.Mismatches > 0).Select(pair => pair.First.RepairedBy).FirstOrDefault(fill => fill is not null);

    /// <param name="wasTold">Somebody was told what the step found, and goes on.</param>
    private async Task<StepOutcome> LookAsync(VerifyStep step, bool wasTold, CancellationToken cancel)
    {
        StepOutcome outcome;
        try
        {
            outcome = await VerifyAsync(step, cancel);
        }
        catch (DbException error) when (run.Engine.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows)
        {
            // An expression that fails on a row, or rights that are gone: nothing that a row could be blamed for alone.
            await SetStepAsync(step.Id, StepState.Failed, null, cancel);
            outcome = new StepOutcome.Failed($"\"{step.Title}\" could not ask all rows: {run.Engine.Describe(error)} `segue complete {run.Plan.Change}` again goes on without it.") { IsLasting = true };
        }

        if (outcome is not StepOutcome.Failed failed || !wasTold)
        {
            return outcome;
        }

        await SetStepAsync(step.Id, StepState.Done, null, cancel);
        run.Emit(new RunEvent.Note($"Left as it is: {failed.Message}"));
        return new StepOutcome.Done();
    }

    /// <summary>The plan is what was stored, and the tables are what was planned for.</summary>
    private async Task<RunOutcome?> CheckAsync(bool isContracting, CancellationToken cancel)
    {
        if (await CheckHashAsync(cancel) is { } altered)
        {
            return altered;
        }

        // What the change itself has begun to take away is no drift.
        if (isContracting)
        {
            return null;
        }

        HashSet<string> now = [.. await run.Engine.Planner.FingerprintAsync(run.Plan, cancel)];
        string[] gone = [.. run.Plan.Fingerprint.Where(line => !now.Contains(line))];
        if (gone.Length == 0)
        {
            return null;
        }

        string what = $"the schema is not what was planned for any more. Gone or altered: {string.Join("; ", gone)}.";
        await StatusAsync(new ChangeProgress(ChangeStatus.Failed) { Error = what }, cancel);
        return new RunOutcome.Refused([new Problem(run.Plan.Change, what, "Put it back and apply again, or `segue rollback` and plan anew.")]);
    }

    private async Task<RunOutcome?> CheckHashAsync(CancellationToken cancel) =>
        (await StoredPlan.ReadAsync(run.Engine.Ledger, run.Plan.Change, storedHash, cancel)).Altered;

    /// <summary>What somebody took back that the ledger has as done, e.g. by dropping the sync trigger by hand.</summary>
    private async Task<Step?> FindUndoneAsync(Stage stage, CancellationToken cancel)
    {
        foreach (Step step in stage.Steps.Where(step => step.Applied is not null))
        {
            if (!await run.Engine.Questions.AskAsync(step.Applied!, cancel))
            {
                return step;
            }
        }

        return null;
    }

    /// <summary>Rows that came while it was away may lack their value: what only the ledger knows as done after it is to be done again too.</summary>
    private async Task<RunOutcome?> DoAgainAsync(Step undone, CancellationToken cancel)
    {
        foreach (Step later in run.Plan.Steps().SkipWhile(step => step != undone).Where(step => step is BackfillStep or VerifyStep))
        {
            await SetStepAsync(later.Id, StepState.Pending, null, cancel);
            if (later is BackfillStep backfill)
            {
                await new BackfillExecutor(run).RestartAsync(backfill, cancel);
            }
        }

        if (undone.Undo is not [{ Applied: { } isGone }, ..] || await run.Engine.Questions.AskAsync(isGone, cancel))
        {
            run.Emit(new RunEvent.Note($"\"{undone.Title}\" was done before, but the catalog no longer shows it. Doing it again, and all that depends on it."));
            return null;
        }

        string what = $"of what \"{undone.Title}\" made a part is gone or disabled, and a part is there: somebody did that by hand.";
        await StatusAsync(new ChangeProgress(ChangeStatus.Failed) { Error = what }, cancel);
        return new RunOutcome.Refused([new Problem(run.Plan.Change, what, $"Put it back as segue.plan.json has it and apply again; or `segue rollback {run.Plan.Change}`, which takes the rest away.")]);
    }

    private async Task<RunOutcome> EndedBadlyAsync(Step step, StepOutcome outcome, string stage, CancellationToken cancel)
    {
        bool rollingBack = stage == "rollback";
        string error = outcome switch
        {
            StepOutcome.LockNotObtained locked => locked.Blockers.Count == 0
                ? $"\"{step.Title}\" did not get its lock in the time allowed."
                : $"\"{step.Title}\" did not get its lock in the time allowed. {string.Join(" ", locked.Blockers)}",
            StepOutcome.Failed failed => failed.Message,
            _ => "",
        };
        ChangeProgress progress = new(ChangeStatus.Failed) { Stage = stage, Error = error, RollingBack = rollingBack };
        await StatusAsync(progress, cancel);
        return outcome is StepOutcome.LockNotObtained blocked
            ? new RunOutcome.LockNotObtained(step, blocked.Blockers)
            : new RunOutcome.Failed(error) { CanGoBack = !await HoldsFastAsync(cancel), ExceedsHold = outcome is StepOutcome.Failed { ExceedsHold: true } };
    }

    /// <summary>A step of contract is done that nothing takes back.</summary>
    private async Task<bool> HoldsFastAsync(CancellationToken cancel)
    {
        Dictionary<string, StepRecord> records = await RecordsAsync(cancel);
        return run.Plan.Stages.Where(stage => stage.Name == StageName.Contract).SelectMany(stage => stage.Steps)
            .Any(step => step is { Undo.Count: 0 } and not (BackfillStep or VerifyStep) && records[step.Id].State == StepState.Done);
    }

    private async Task<Dictionary<string, StepRecord>> RecordsAsync(CancellationToken cancel) =>
        (await run.Engine.Ledger.StepsAsync(run.Plan.Change, cancel)).ToDictionary(record => record.Id);

    private Task SetStepAsync(string step, StepState state, string? detail, CancellationToken cancel) =>
        run.Engine.Ledger.SetStepAsync(run.Plan.Change, step, state, detail, run.Lease, cancel);

    private Task StatusAsync(ChangeProgress progress, CancellationToken cancel) =>
        run.Engine.Ledger.SetStatusAsync(run.Plan.Change, progress, run.Lease, cancel);

    /// <param name="PassGate">Somebody said go.</param>
    /// <param name="IsContracting">A step of contract is done already.</param>
    private readonly record struct Passage(bool PassGate, bool IsContracting);
}

using System.Data.Common;
using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>Executes plans. It knows step kinds, not change kinds, and is the only thing that writes to the target.</summary>
public sealed class Runner(IEngine engine, RunOptions options, Action<RunEvent> emit, TimeProvider time)
{
    /// <summary>The session of a runner that has just died is there for a moment: a single look would take it for alive.</summary>
    private const int Looks = 4;

    /// <summary>A cancelled statement ends within moments; one that does not has to be taken for begun.</summary>
    private const int LooksAtCancelled = 40;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs a change, or resumes it from its last committed batch or step, up to its gate.</summary>
    public Task<RunOutcome> ApplyAsync(Change change, PlanOptions planning, ApplyRequest request, CancellationToken cancel) =>
        UnderLeaseAsync(change.Name, (lease, token) => ApplyOrStageAsync(change, planning, request, lease, token), cancel);

    /// <summary>Passes the gate and contracts.</summary>
    public Task<RunOutcome> CompleteAsync(string change, CancellationToken cancel) =>
        UnderLeaseAsync(change, (lease, token) => CompleteAsync(change, lease, token), cancel);

    /// <summary>Takes a change back, from any point before its contract stage.</summary>
    public Task<RunOutcome> RollbackAsync(string change, CancellationToken cancel) =>
        UnderLeaseAsync(change, (lease, token) => RollbackAsync(change, lease, token), cancel);

    /// <summary>Drops for good what a completed change keeps aside.</summary>
    /// <param name="now">True: also before its time has come.</param>
    public Task<RunOutcome> PurgeAsync(string change, bool now, CancellationToken cancel) =>
        UnderLeaseAsync(change, (lease, token) => PurgeAsync(change, now, lease, token), cancel);

    private async Task<RunOutcome> PurgeAsync(string change, bool now, Lease lease, CancellationToken cancel)
    {
        if (await engine.Ledger.FindAsync(change, cancel) is not { } record)
        {
            return Refuse(change, "this database's ledger does not know it.", "`segue purge` lists what is kept.");
        }

        if (record.Status != ChangeStatus.Completed)
        {
            return Refuse(change, "it is not completed: what it took away is still wanted.", $"`segue complete {change}` or `segue rollback {change}` first.");
        }

        (Plan? plan, RunOutcome.Refused? altered) = await WholePlanAsync(record, lease, cancel);
        return plan is null ? altered! : await new Purge(Context(plan, lease)).RunAsync(now, cancel);
    }

    /// <summary>What was to be done in one short transaction, and does not fit into one, is planned anew in stages.</summary>
    private async Task<RunOutcome> ApplyOrStageAsync(Change change, PlanOptions planning, ApplyRequest request, Lease lease, CancellationToken cancel)
    {
        RunOutcome outcome = await ApplyAsync(change, planning, request, lease, cancel);
        if (outcome is not RunOutcome.Failed { ExceedsHold: true } failed)
        {
            return outcome;
        }

        StagedInstead staged = new(engine, emit);
        return await staged.PlanAsync(change, planning, lease, cancel) switch
        {
            null => failed,
            _ when request.ApprovedHash is not null => StagedInstead.NeedsApproval(change.Name, failed),
            { } plan => await BeginAsync(staged.Told(plan, failed), request, lease, cancel),
        };
    }

    private async Task<RunOutcome> ApplyAsync(Change change, PlanOptions planning, ApplyRequest request, Lease lease, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Ledger.FindAsync(change.Name, cancel);
        if (record is null or { Status: ChangeStatus.RolledBack })
        {
            return await BeginAsync(change, planning, request, lease, cancel);
        }

        if (record.RollingBack)
        {
            return Refuse(change.Name, "its rollback has begun and did not end.", $"`segue rollback {change.Name}` ends it; then apply again.");
        }

        if (request.ApprovedHash is { } approved && record.PlanHash != approved)
        {
            return Refuse(
                change.Name,
                $"it was begun with the plan {record.PlanHash}, not the approved {approved}.",
                $"`segue plan {change.Name}` shows the plan it runs; `segue rollback {change.Name}` takes it back.");
        }

        if (record.ContentHash != change.ContentHash)
        {
            return record.Status == ChangeStatus.Completed
                ? Refuse(change.Name, "it is completed, and its file was edited since.", "Put the file back and write a new change.")
                : Refuse(change.Name, "its file was edited after it was planned and begun.", $"Put the file back, or `segue rollback {change.Name}` and apply again.");
        }

        if (record.Status == ChangeStatus.Completed)
        {
            return new RunOutcome.Completed();
        }

        return await ForwardAsync(record, request.Until, passGate: false, lease, cancel);
    }

    private async Task<RunOutcome> BeginAsync(Change change, PlanOptions planning, ApplyRequest request, Lease lease, CancellationToken cancel)
    {
        switch (await engine.Planner.PlanAsync(change, planning, cancel))
        {
            case PlanOutcome.Invalid invalid:
                return new RunOutcome.Invalid(invalid.Problems);
            case PlanOutcome.Refused refused:
                return new RunOutcome.Refused(refused.Problems);
            case PlanOutcome.Planned planned when request.ApprovedHash is { } approved && PlanJson.Hash(planned.Plan) != approved:
                return Refuse(change.Name, $"the plan for this database has the hash {PlanJson.Hash(planned.Plan)}, not the approved {approved}.", "Look at `segue plan` and approve that.");
            case PlanOutcome.Planned planned:
                return await BeginAsync(planned.Plan, request, lease, cancel);
            default:
                throw new InvalidOperationException("The planner gave no known outcome.");
        }
    }

    private async Task<RunOutcome> BeginAsync(Plan plan, ApplyRequest request, Lease lease, CancellationToken cancel)
    {
        await engine.Ledger.BeginAsync(plan, request.Origin, lease, cancel);
        return await new PlanRun(Context(plan, lease), PlanJson.Hash(plan)).ForwardAsync(request.Until, passGate: false, cancel);
    }

    private async Task<RunOutcome> CompleteAsync(string change, Lease lease, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Ledger.FindAsync(change, cancel);
        return record switch
        {
            null => Refuse(change, "this database's ledger does not know it.", $"`segue apply {change}` first."),
            { Status: not ChangeStatus.RolledBack, RollingBack: true } => Refuse(change, "its rollback has begun and did not end.", $"`segue rollback {change}` ends it; then apply again."),
            { Status: ChangeStatus.RolledBack } => Refuse(change, "it was rolled back.", $"`segue apply {change}` begins it anew."),
            { Status: ChangeStatus.Completed } => new RunOutcome.Completed(),
            _ when !await IsAtGateAsync(record, cancel) => Refuse(change, $"it has not reached its gate (stage {record.Stage}).", $"`segue apply {change}` first."),
            _ => await ForwardAsync(record, until: null, passGate: true, lease, cancel),
        };
    }

    private async Task<RunOutcome> RollbackAsync(string change, Lease lease, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Ledger.FindAsync(change, cancel);
        if (record is null)
        {
            return Refuse(change, "this database's ledger does not know it.", "There is nothing to roll back.");
        }

        if (record.Status == ChangeStatus.RolledBack)
        {
            return new RunOutcome.RolledBack { Stays = record.Error is { } lacking ? [lacking] : [] };
        }

        (Plan? plan, RunOutcome.Refused? altered) = await WholePlanAsync(record, lease, cancel);
        if (plan is null)
        {
            return altered!;
        }

        if (await HoldsFastAsync(plan, record.Status, cancel) is { } reason)
        {
            return Refuse(change, reason, "Write a new change that leads to the shape you want.");
        }

        return await BuiltOnAsync(plan, cancel) ?? await new PlanRun(Context(plan, lease), record.PlanHash).BackwardAsync(cancel);
    }

    private async Task<RunOutcome> ForwardAsync(ChangeRecord record, StageName? until, bool passGate, Lease lease, CancellationToken cancel)
    {
        (Plan? plan, RunOutcome.Refused? altered) = await WholePlanAsync(record, lease, cancel);
        return plan is null ? altered! : await new PlanRun(Context(plan, lease), record.PlanHash).ForwardAsync(until, passGate, cancel);
    }

    private Task<(Plan? Plan, RunOutcome.Refused? Altered)> PlanAsync(ChangeRecord record, CancellationToken cancel) =>
        StoredPlan.ReadAsync(engine.Ledger, record.Name, record.PlanHash, cancel);

    /// <summary>The plan, and a record of each of its steps: what somebody took away of those is put back.</summary>
    private async Task<(Plan? Plan, RunOutcome.Refused? Altered)> WholePlanAsync(ChangeRecord record, Lease lease, CancellationToken cancel)
    {
        (Plan? plan, RunOutcome.Refused? altered) = await PlanAsync(record, cancel);
        HashSet<string> known = [.. (await engine.Ledger.StepsAsync(record.Name, cancel)).Select(step => step.Id)];
        Step[] lacking = [.. (plan?.Steps() ?? []).Where(step => !known.Contains(step.Id))];
        if (lacking.Length == 0)
        {
            return (plan, altered);
        }

        HashSet<string> shown = [];
        foreach (Step step in lacking.Where(step => step.Applied is not null))
        {
            if (await engine.Questions.AskAsync(step.Applied!, cancel))
            {
                shown.Add(step.Id);
            }
        }

        emit(new RunEvent.Note($"The ledger lacks {Plain.Count(lacking.Length)} steps of {record.Name}: their records are rebuilt from its events, or from the catalog."));
        await engine.Ledger.MendStepsAsync(plan!, shown, lease, cancel);
        return (plan, altered);
    }

    private async Task<bool> IsAtGateAsync(ChangeRecord record, CancellationToken cancel)
    {
        Dictionary<string, StepState> states = (await engine.Ledger.StepsAsync(record.Name, cancel)).ToDictionary(step => step.Id, step => step.State);

        // An altered plan is refused where it would be run.
        return await PlanAsync(record, cancel) is not ({ } plan, _)
            || plan.Steps().TakeWhile(step => step is not GateStep).All(step => states.GetValueOrDefault(step.Id) == StepState.Done);
    }

    /// <summary>Why a change cannot be taken back any more: its contract stage has steps without an undo, or what they kept is gone. Null where it can.</summary>
    private async Task<string?> HoldsFastAsync(Plan plan, ChangeStatus status, CancellationToken cancel)
    {
        Dictionary<string, StepState> states = (await engine.Ledger.StepsAsync(plan.Change, cancel)).ToDictionary(step => step.Id, step => step.State);
        Step[] contract = [.. plan.Stages.Where(stage => stage.Name == StageName.Contract).SelectMany(stage => stage.Steps)];
        Step[] contracted = [.. contract.Where(step => states[step.Id] == StepState.Done)];
        bool holdsFast = status == ChangeStatus.Completed
            ? contracted.Length == 0 || contracted.Any(step => step.Undo.Count == 0)
            : contracted.Any(step => step is { Undo.Count: 0 } and not (BackfillStep or VerifyStep));
        foreach (OnlineStep brokenOff in contract.OfType<OnlineStep>().Where(step => step.Undo.Count == 0 && states[step.Id] is not (StepState.Pending or StepState.Done)))
        {
            holdsFast = holdsFast || await HasBegunAsync(brokenOff, cancel);
        }

        if (holdsFast)
        {
            return status == ChangeStatus.Completed ? "it is completed." : "it is past its contract stage: the app uses the new shape only.";
        }

        foreach (Obstacle obstacle in contracted.SelectMany(step => step.Undo).Select(undo => undo.Obstacle).OfType<Obstacle>())
        {
            if (status == ChangeStatus.Completed && await engine.Questions.AskAsync(obstacle.Exists, cancel))
            {
                return $"it is completed, and {obstacle.What}.";
            }
        }

        return null;
    }

    /// <summary>Other changes that go by what this one made, and could neither end nor be taken back without it. Null where there are none.</summary>
    private async Task<RunOutcome?> BuiltOnAsync(Plan plan, CancellationToken cancel)
    {
        HashSet<string> done = [.. (await engine.Ledger.StepsAsync(plan.Change, cancel)).Where(step => step.State == StepState.Done).Select(step => step.Id)];
        foreach (Step step in plan.Steps().Where(step => step.BuiltOn is not null && done.Contains(step.Id)))
        {
            if (await engine.Questions.ListAsync(step.BuiltOn!.Changes, cancel) is [var first, ..] others)
            {
                return Refuse(plan.Change, $"{string.Join(", ", others)} {step.BuiltOn.What}.", $"End {(others.Count == 1 ? "it" : "them")} first: `segue complete {first}` or `segue rollback {first}`.");
            }
        }

        return null;
    }

    /// <summary>No record commits with such a statement: whether one that was broken off took something away, only the catalog knows, once it has ended.</summary>
    private async Task<bool> HasBegunAsync(OnlineStep step, CancellationToken cancel)
    {
        await engine.Online.CancelAsync(step.Statement, cancel);
        for (int looks = 1; await engine.Online.IsRunningAsync(step.Statement, cancel); looks++)
        {
            if (looks == LooksAtCancelled)
            {
                return true;
            }

            await Task.Delay(BetweenLooks, time, cancel);
        }

        return (step.Applied is { } applied && await engine.Questions.AskAsync(applied, cancel)) || (step.Residue is { } residue && await engine.Questions.AskAsync(residue.Exists, cancel));
    }

    private async Task<RunOutcome> UnderLeaseAsync(string change, Func<Lease, CancellationToken, Task<RunOutcome>> work, CancellationToken cancel)
    {
        Reconnection reconnection = new(engine, options, time, emit);
        Lease? lease;
        LeaseHolder? holder;
        try
        {
            (lease, holder) = await reconnection.GuardAsync(() => AcquireAsync(cancel), cancel);
        }
        catch (DbException error) when (!cancel.IsCancellationRequested)
        {
            return new RunOutcome.Failed(engine.Describe(error));
        }

        if (lease is null)
        {
            return new RunOutcome.AnotherRunner(holder!);
        }

        await using LeaseKeeper keeper = new(engine, lease, options, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancel, keeper.Lost);
        return await HoldingAsync(change, keeper, () => reconnection.GuardAsync(() => UnlessForgottenAsync(change, lease, work, both.Token), both.Token), cancel);
    }

    /// <summary>Asked each time the work is entered: after a lost connection another server may answer, which did not receive what was written.</summary>
    private async Task<RunOutcome> UnlessForgottenAsync(string change, Lease lease, Func<Lease, CancellationToken, Task<RunOutcome>> work, CancellationToken cancel)
    {
        if (await new Succession(engine, change, lease).FindAsync(cancel) is not { } ended)
        {
            return await WithReplicasAsync(change, () => work(lease, cancel), cancel);
        }

        if (ended is RunOutcome.Forgotten forgotten)
        {
            await TryRecordAsync(change, ChangeStatus.Failed, forgotten.Message, lease);
        }

        return ended;
    }

    /// <summary>Looked at before anything begins, and again after each lost connection: a failover may have made a replica the server that is written to.</summary>
    private async Task<RunOutcome> WithReplicasAsync(string change, Func<Task<RunOutcome>> work, CancellationToken cancel)
    {
        foreach (ReplicaFinding found in await engine.Replicas.ExamineAsync(cancel))
        {
            if (found.Remedy is { } remedy)
            {
                return Refuse(change, found.What, remedy);
            }

            emit(new RunEvent.Note(found.What));
        }

        return await work();
    }

    private async Task<(Lease? Lease, LeaseHolder? Holder)> AcquireAsync(CancellationToken cancel)
    {
        await engine.Ledger.EnsureAsync(cancel);
        for (int look = 1; ; look++)
        {
            (Lease? lease, LeaseHolder? holder) = await engine.Leases.TryAcquireAsync(options.Runner, options.LeaseTime, cancel);
            if (lease is not null || look == Looks)
            {
                return (lease, holder);
            }

            await Task.Delay(BetweenLooks, time, cancel);
        }
    }

    private async Task<RunOutcome> HoldingAsync(string change, LeaseKeeper keeper, Func<Task<RunOutcome>> work, CancellationToken cancel)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (keeper.Lost.IsCancellationRequested || engine.Classify(error) == ErrorClass.LeaseLost)
        {
            return await new Succession(engine, change, keeper.Lease).AfterLossAsync();
        }
        catch (Exception error) when (cancel.IsCancellationRequested && error is OperationCanceledException or DbException)
        {
            await TryRecordAsync(change, ChangeStatus.Interrupted, null, keeper.Lease);
            return new RunOutcome.Interrupted();
        }
        catch (DbException error)
        {
            string message = engine.Describe(error);
            await TryRecordAsync(change, ChangeStatus.Failed, message, keeper.Lease);
            return new RunOutcome.Failed(message);
        }
    }

    private async Task TryRecordAsync(string change, ChangeStatus status, string? error, Lease lease)
    {
        try
        {
            ChangeRecord? record = await engine.Ledger.FindAsync(change, CancellationToken.None);
            if (record?.Status is ChangeStatus.Completed or ChangeStatus.RolledBack || (record?.Status, status) is (ChangeStatus.Waiting, ChangeStatus.Interrupted))
            {
                // It came to its end, and only the word of a standby was waited for.
                await engine.Ledger.SetThrottleAsync(change, null, lease, CancellationToken.None);
            }
            else if (record is not null)
            {
                ChangeProgress progress = new(status) { Stage = record.Stage, Error = error, RollingBack = record.RollingBack };
                await engine.Ledger.SetStatusAsync(change, progress, lease, CancellationToken.None);
            }
        }
        catch (Exception failure) when (failure is DbException or LeaseLostException)
        {
            // The server that would keep the note is what failed; the outcome tells it.
        }
    }

    private RunContext Context(Plan plan, Lease lease) => new()
    {
        Engine = engine,
        Plan = plan,
        Lease = lease,
        Options = options,
        Time = time,
        Emit = emit,
    };

    private static RunOutcome.Refused Refuse(string change, string what, string remedy) => new([new Problem(change, what, remedy)]);
}

/// <summary>What is asked of an apply.</summary>
public sealed record ApplyRequest
{
    /// <summary>The last stage to run; null for as far as the gate.</summary>
    public StageName? Until { get; init; }

    /// <summary>Apply only if the plan has this hash; null to apply whatever is planned.</summary>
    public string? ApprovedHash { get; init; }

    public required ChangeOrigin Origin { get; init; }
}

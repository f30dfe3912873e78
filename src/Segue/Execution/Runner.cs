using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>
/// Executes plans. It knows step kinds, not change kinds, and is the only thing that writes to the target.
/// </summary>
public sealed class Runner(IEngine engine, RunOptions options, Action<RunEvent> emit, TimeProvider time)
{
    private readonly LeasedWork _leased = new(engine, options, emit, time);

    /// <summary>Runs a change, or resumes it from its last committed batch or step, up to its gate.</summary>
    public Task<RunOutcome> ApplyAsync(
        Change change,
        PlanOptions planning,
        ApplyRequest request,
        CancellationToken cancel
    ) =>
        _leased.RunAsync(
            change.Name,
            (lease, token) => ApplyOrStageAsync(change, planning, request, lease, token),
            cancel
        );

    /// <summary>Passes the gate and contracts.</summary>
    public Task<RunOutcome> CompleteAsync(string change, CancellationToken cancel) =>
        _leased.RunAsync(change, (lease, token) => CompleteAsync(change, lease, token), cancel);

    /// <summary>Takes a change back, from any point before its contract stage.</summary>
    public Task<RunOutcome> RollbackAsync(string change, CancellationToken cancel) =>
        _leased.RunAsync(change, (lease, token) => RollbackAsync(change, lease, token), cancel);

    /// <summary>Drops for good what a completed change keeps aside.</summary>
    /// <param name="now">True: also before its time has come.</param>
    public Task<RunOutcome> PurgeAsync(string change, bool now, CancellationToken cancel) =>
        _leased.RunAsync(change, (lease, token) => PurgeAsync(change, now, lease, token), cancel);

    private async Task<RunOutcome> PurgeAsync(string change, bool now, Lease lease, CancellationToken cancel)
    {
        if (await engine.Records.Ledger.FindAsync(change, cancel) is not { } record)
        {
            return RunOutcome.Refused.For(
                change,
                "this database's ledger does not know it.",
                "`segue purge` lists what is kept."
            );
        }

        if (record.Status != ChangeStatus.Completed)
        {
            return RunOutcome.Refused.For(
                change,
                "it is not completed: what it took away is still wanted.",
                $"`segue complete {change}` or `segue rollback {change}` first."
            );
        }

        (Plan? plan, RunOutcome.Refused? altered) = await WholePlanAsync(record, lease, cancel);
        return plan is null ? altered! : await new Purge(Context(plan, lease)).RunAsync(now, cancel);
    }

    /// <summary>
    /// What was to be done in one short transaction, and was too much for one, is planned anew in stages.
    /// </summary>
    private async Task<RunOutcome> ApplyOrStageAsync(
        Change change,
        PlanOptions planning,
        ApplyRequest request,
        Lease lease,
        CancellationToken cancel
    )
    {
        RunOutcome outcome = await ApplyAsync(change, planning, request, lease, cancel);
        if (outcome is not RunOutcome.Failed { TooMuchAtOnce: { } failure } failed)
        {
            return outcome;
        }

        StagedInstead staged = new(engine, emit);
        if (await staged.ObjectionAsync(change, planning, failed, lease, cancel) is { } objection)
        {
            return objection;
        }

        return await staged.PlanAsync(change, planning, lease, cancel) switch
        {
            null => outcome,
            _ when request.ApprovedHash is not null => StagedInstead.NeedsApproval(change.Name, failure),
            { } plan => await BeginAsync(staged.Told(plan, failure), request, lease, cancel),
        };
    }

    private async Task<RunOutcome> ApplyAsync(
        Change change,
        PlanOptions planning,
        ApplyRequest request,
        Lease lease,
        CancellationToken cancel
    )
    {
        ChangeRecord? record = await engine.Records.Ledger.FindAsync(change.Name, cancel);
        if (record is null or { Status: ChangeStatus.RolledBack })
        {
            return await BeginAsync(change, planning, request, lease, cancel);
        }

        if (record.RollingBack)
        {
            return RunOutcome.Refused.For(
                change.Name,
                "its rollback has begun and did not end.",
                $"`segue rollback {change.Name}` ends it; then apply again."
            );
        }

        if (request.ApprovedHash is { } approved && record.PlanHash != approved)
        {
            return RunOutcome.Refused.For(
                change.Name,
                $"it was begun with the plan {record.PlanHash}, not the approved {approved}.",
                $"`segue plan {change.Name}` shows the plan it runs; `segue rollback {change.Name}` takes it back."
            );
        }

        if (record.ContentHash != change.ContentHash)
        {
            return record.Status == ChangeStatus.Completed
                ? RunOutcome.Refused.For(
                    change.Name,
                    "it is completed, and its file was edited since.",
                    "Put the file back and write a new change."
                )
                : RunOutcome.Refused.For(
                    change.Name,
                    "its file was edited after it was planned and begun.",
                    $"Put the file back, or `segue rollback {change.Name}` and apply again."
                );
        }

        if (record.Status == ChangeStatus.Completed)
        {
            return await ConfirmedAsync(new RunOutcome.Completed(), record, lease, cancel);
        }

        return await ForwardAsync(record, request.Until, passGate: false, lease, cancel);
    }

    private async Task<RunOutcome> BeginAsync(
        Change change,
        PlanOptions planning,
        ApplyRequest request,
        Lease lease,
        CancellationToken cancel
    )
    {
        switch (await engine.Planner.PlanAsync(change, planning, cancel))
        {
            case PlanOutcome.Invalid invalid:
                return new RunOutcome.Invalid(invalid.Problems);
            case PlanOutcome.Refused refused:
                return new RunOutcome.Refused(refused.Problems);
            case PlanOutcome.Planned planned
                when request.ApprovedHash is { } approved && PlanJson.Hash(planned.Plan) != approved:
                return RunOutcome.Refused.For(
                    change.Name,
                    $"the plan for this database has the hash {PlanJson.Hash(planned.Plan)}, not the "
                        + $"approved {approved}.",
                    "Look at `segue plan` and approve that."
                );
            case PlanOutcome.Planned planned:
                return await BeginAsync(planned.Plan, request, lease, cancel);
            default:
                throw new InvalidOperationException("The planner gave no known outcome.");
        }
    }

    private async Task<RunOutcome> BeginAsync(Plan plan, ApplyRequest request, Lease lease, CancellationToken cancel)
    {
        await engine.Records.Ledger.BeginAsync(plan, request.Origin, lease, cancel);
        RunContext run = Context(plan, lease);
        return await new Confirming(run).AfterAsync(
            new PlanRun(run, PlanJson.Hash(plan)).RunAsync(request.Until, passGate: false, cancel),
            cancel
        );
    }

    private async Task<RunOutcome> CompleteAsync(string change, Lease lease, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Records.Ledger.FindAsync(change, cancel);
        return record switch
        {
            null => RunOutcome.Refused.For(
                change,
                "this database's ledger does not know it.",
                $"`segue apply {change}` first."
            ),
            { Status: not ChangeStatus.RolledBack, RollingBack: true } => RunOutcome.Refused.For(
                change,
                "its rollback has begun and did not end.",
                $"`segue rollback {change}` ends it; then apply again."
            ),
            { Status: ChangeStatus.RolledBack } => RunOutcome.Refused.For(
                change,
                "it was rolled back.",
                $"`segue apply {change}` begins it anew."
            ),
            { Status: ChangeStatus.Completed } => await ConfirmedAsync(
                new RunOutcome.Completed(),
                record,
                lease,
                cancel
            ),
            _ when !await IsAtGateAsync(record, cancel) => RunOutcome.Refused.For(
                change,
                $"it has not reached its gate (stage {record.Stage}).",
                $"`segue apply {change}` first."
            ),
            _ => await ForwardAsync(record, until: null, passGate: true, lease, cancel),
        };
    }

    private async Task<RunOutcome> RollbackAsync(string change, Lease lease, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Records.Ledger.FindAsync(change, cancel);
        if (record is null)
        {
            return RunOutcome.Refused.For(
                change,
                "this database's ledger does not know it.",
                "There is nothing to roll back, unless schema segue was dropped or replaced since it was "
                    + "begun: `segue doctor`."
            );
        }

        if (record.Status == ChangeStatus.RolledBack)
        {
            RunOutcome.RolledBack rolledBack = new() { Stays = record.Error is { } lacking ? [lacking] : [] };
            return await ConfirmedAsync(rolledBack, record, lease, cancel);
        }

        (Plan? plan, RunOutcome.Refused? altered) = await WholePlanAsync(record, lease, cancel);
        if (plan is null)
        {
            return altered!;
        }

        WayBack back = new(engine, time);
        if (await back.FindBarrierAsync(plan, record.Status, cancel) is { } reason)
        {
            return RunOutcome.Refused.For(change, reason, "Write a new change that leads to the shape you want.");
        }

        RunContext run = Context(plan, lease);
        return await back.FindBuiltOnAsync(plan, cancel)
            ?? await new Confirming(run).AfterAsync(new PlanRollback(run, record.PlanHash).RunAsync(cancel), cancel);
    }

    private async Task<RunOutcome> ForwardAsync(
        ChangeRecord record,
        StageName? until,
        bool passGate,
        Lease lease,
        CancellationToken cancel
    )
    {
        (Plan? plan, RunOutcome.Refused? altered) = await WholePlanAsync(record, lease, cancel);
        if (plan is null)
        {
            return altered!;
        }

        RunContext run = Context(plan, lease);
        return await new Confirming(run).AfterAsync(
            new PlanRun(run, record.PlanHash).RunAsync(until, passGate, cancel),
            cancel
        );
    }

    /// <summary>
    /// The run that ended the change may have been interrupted before other servers had confirmed that.
    /// </summary>
    private async Task<RunOutcome> ConfirmedAsync(
        RunOutcome ended,
        ChangeRecord record,
        Lease lease,
        CancellationToken cancel
    )
    {
        if (
            await engine.Execution.Confirmation.IsNeededAsync(cancel)
            && (await PlanAsync(record, cancel)).Plan is { } plan
        )
        {
            await new Confirming(Context(plan, lease)).WaitAsync(cancel);
        }

        return ended;
    }

    private Task<(Plan? Plan, RunOutcome.Refused? Altered)> PlanAsync(ChangeRecord record, CancellationToken cancel) =>
        StoredPlan.ReadAsync(engine.Records.Ledger, record.Name, record.PlanHash, cancel);

    /// <summary>The plan, and a record of each of its steps: what somebody took away of those is put back.</summary>
    private async Task<(Plan? Plan, RunOutcome.Refused? Altered)> WholePlanAsync(
        ChangeRecord record,
        Lease lease,
        CancellationToken cancel
    )
    {
        (Plan? plan, RunOutcome.Refused? altered) = await PlanAsync(record, cancel);
        HashSet<string> known =
        [
            .. (await engine.Records.Ledger.StepsAsync(record.Name, cancel)).Select(step => step.Id),
        ];
        Step[] lacking = [.. (plan?.Steps() ?? []).Where(step => !known.Contains(step.Id))];
        if (lacking.Length == 0)
        {
            return (plan, altered);
        }

        HashSet<string> shown = [];
        foreach (Step step in lacking.Where(step => step.Applied is not null))
        {
            if (await engine.Execution.Questions.AskAsync(step.Applied!, cancel))
            {
                shown.Add(step.Id);
            }
        }

        emit(
            new RunEvent.Note(
                $"The ledger lacks {Plain.Count(lacking.Length)} steps of {record.Name}: their records are "
                    + "rebuilt from its events, or from the catalog."
            )
        );
        await engine.Records.Ledger.MendStepsAsync(plan!, shown, lease, cancel);
        return (plan, altered);
    }

    private async Task<bool> IsAtGateAsync(ChangeRecord record, CancellationToken cancel)
    {
        Dictionary<string, StepState> states = (
            await engine.Records.Ledger.StepsAsync(record.Name, cancel)
        ).ToDictionary(step => step.Id, step => step.State);

        // An altered plan is refused where it would be run.
        return await PlanAsync(record, cancel) is not ({ } plan, _)
            || plan.Steps()
                .TakeWhile(step => step is not GateStep)
                .All(step => states.GetValueOrDefault(step.Id) == StepState.Done);
    }

    private RunContext Context(Plan plan, Lease lease) =>
        new()
        {
            Records = engine.Records,
            Execution = engine.Execution,
            Plan = plan,
            Lease = lease,
            Options = options,
            Time = time,
            Emit = emit,
        };
}

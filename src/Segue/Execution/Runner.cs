using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>
/// Executes plans. It knows step kinds, not change kinds, and is the only thing that writes to the target.
/// </summary>
internal sealed class Runner(IEngine engine, RunOptions options, Action<RunEvent> emit, TimeProvider time)
{
    private readonly EventDelivery _events = new(emit, time);

    /// <summary>
    /// Runs the plan that was shown, or resumes it from its last committed batch or step, up to its gate. Refused where
    /// the change was begun with another plan, or where the database changed since and gives another plan now.
    /// </summary>
    public Task<RunOutcome> ApplyAsync(PlannedChange shown, ApplyRequest request, CancellationToken cancel)
    {
        Wanted wanted = new(shown, request);
        return RunAsync(
            NextVerb.Apply,
            shown.Change.Name,
            (lease, token) => ApplyOrStageAsync(wanted, lease, token),
            unknown: null,
            cancel
        );
    }

    /// <summary>Passes the gate and contracts.</summary>
    public Task<RunOutcome> CompleteAsync(string change, CancellationToken cancel) =>
        CompleteAsync(change, new CompleteRequest(), contentHash: null, cancel);

    /// <summary>
    /// Passes the gate and contracts, unless old code still writes, or the change's file was edited after it had
    /// started.
    /// </summary>
    /// <param name="change">The change's name.</param>
    /// <param name="request">What of old code is no obstacle.</param>
    /// <param name="contentHash">The hash of what the file says now; null where there is no file.</param>
    /// <param name="cancel">Interrupts.</param>
    public Task<RunOutcome> CompleteAsync(
        string change,
        CompleteRequest request,
        string? contentHash,
        CancellationToken cancel
    ) =>
        RunAsync(
            NextVerb.Complete,
            change,
            (lease, token) => CompleteAsync(change, request, contentHash, lease, token),
            Unknown.ToComplete(change),
            cancel
        );

    /// <summary>Rolls a change back, from any point before its contract stage.</summary>
    public Task<RunOutcome> RollbackAsync(string change, CancellationToken cancel) =>
        RunAsync(
            NextVerb.Rollback,
            change,
            (lease, token) => RollbackAsync(change, lease, token),
            Unknown.ToRollBack(change),
            cancel
        );

    /// <summary>Permanently drops the tables and columns that a completed change keeps.</summary>
    /// <param name="now">True: also before their time has passed.</param>
    public Task<RunOutcome> PurgeAsync(string change, bool now, CancellationToken cancel) =>
        RunAsync(
            NextVerb.Purge,
            change,
            (lease, token) => PurgeAsync(change, now, lease, token),
            Unknown.ToPurge(change),
            cancel
        );

    private async Task<RunOutcome> RunAsync(
        NextVerb verb,
        string change,
        Func<Lease, CancellationToken, Task<RunOutcome>> work,
        RunOutcome? unknown,
        CancellationToken cancel
    ) =>
        WhatNext.Added(
            await new LeasedWork(engine, options, _events.About(change), time).RunAsync(change, work, unknown, cancel),
            verb,
            change
        );

    private async Task<RunOutcome> PurgeAsync(string change, bool now, Lease lease, CancellationToken cancel)
    {
        if (await engine.Records.Ledger.FindAsync(change, cancel) is not { } record)
        {
            return Unknown.ToPurge(change);
        }

        if (record.Status != ChangeStatus.Completed)
        {
            return RunOutcome.Refused.For(
                change,
                "the change is not completed yet, so a rollback may still need what it set aside.",
                "Complete it or roll it back first.",
                NextAction.Complete(change),
                NextAction.Rollback(change)
            );
        }

        (Plan? plan, RunOutcome.Refused? altered) = await new WholePlan(engine, _events).ReadAsync(
            record,
            lease,
            cancel
        );
        if (plan is null)
        {
            return altered!;
        }

        await SignAsync("purge", change, cancel);
        return await new Purge(Context(plan, lease)).RunAsync(now, cancel);
    }

    /// <summary>
    /// A change that was planned as one short transaction, and was too large for one, is planned again in stages.
    /// </summary>
    private async Task<RunOutcome> ApplyOrStageAsync(Wanted wanted, Lease lease, CancellationToken cancel)
    {
        (Change change, PlanOptions planning) = (wanted.Shown.Change, wanted.Shown.Options);
        RunOutcome outcome = await ApplyAsync(wanted, lease, cancel);
        if (outcome is not RunOutcome.Failed { TooMuchAtOnce: { } failure } failed)
        {
            return outcome;
        }

        StagedInstead staged = new(engine, _events.About(change.Name), time);
        if (await staged.ObjectionAsync(change, planning, failed, lease, cancel) is { } objection)
        {
            return objection;
        }

        if (await staged.PlanAsync(change, planning, lease, cancel) is not { } plan)
        {
            return outcome;
        }

        if (wanted.Request is { ApprovedHash: not null } or { ApprovedShape: not null } or { MayStage: false })
        {
            return StagedInstead.NeedsApproval(change.Name, failure);
        }

        wanted.Stage(staged.Told(plan, failure));
        return await BeginAsync(plan, wanted.Request, lease, cancel);
    }

    private async Task<RunOutcome> ApplyAsync(Wanted wanted, Lease lease, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Records.Ledger.FindAsync(wanted.Shown.Change.Name, cancel);
        if (record is null or { Status: ChangeStatus.RolledBack })
        {
            return await BeginAsync(wanted.Shown, wanted.Request, lease, cancel);
        }

        if (await new Resumption(engine.Records.Ledger).ObjectionAsync(record, wanted, cancel) is { } objection)
        {
            return objection;
        }

        return record.Status == ChangeStatus.Completed
            ? await ConfirmedAsync(new RunOutcome.Completed(), record, lease, cancel)
            : await ForwardAsync(record, wanted.Request.Until, passGate: false, options, lease, cancel);
    }

    private async Task<RunOutcome> BeginAsync(
        PlannedChange shown,
        ApplyRequest request,
        Lease lease,
        CancellationToken cancel
    ) =>
        Approval.OfHash(shown, request)
        ?? Approval.OfShape(shown.Plan, request)
        ?? await new ShownPlan(engine).ObjectionAsync(shown, cancel)
        ?? await BeginAsync(shown.Plan, request, lease, cancel);

    private async Task<RunOutcome> BeginAsync(Plan plan, ApplyRequest request, Lease lease, CancellationToken cancel)
    {
        if (plan.Steps().OfType<DdlStep>().FirstOrDefault(step => !step.CanBeResumed) is { } unclear)
        {
            throw new InvalidOperationException(
                $"The engine {plan.Engine} planned \"{unclear.Id}\" as a step that commits by itself. Such a step "
                    + "needs exactly one statement, and an applied query for it and for each undo."
            );
        }

        await engine.Records.Ledger.BeginAsync(
            plan,
            request.Origin ?? new ChangeOrigin(null, null, null),
            lease,
            cancel
        );
        await SignAsync("apply", plan.Change, cancel);
        RunContext run = Context(plan, lease);
        return await new Confirming(run).AfterAsync(
            new PlanRun(run, PlanJson.Hash(plan)).RunAsync(request.Until, passGate: false, cancel),
            cancel
        );
    }

    private async Task<RunOutcome> CompleteAsync(
        string change,
        CompleteRequest request,
        string? contentHash,
        Lease lease,
        CancellationToken cancel
    )
    {
        ChangeRecord? record = await engine.Records.Ledger.FindAsync(change, cancel);
        return record switch
        {
            null => Unknown.ToComplete(change),
            { Status: not ChangeStatus.RolledBack, RollingBack: true } => RunOutcome.Refused.For(
                change,
                "its rollback has started but has not ended.",
                "Finish the rollback; then apply again.",
                NextAction.Rollback(change)
            ),
            { Status: ChangeStatus.RolledBack } => RunOutcome.Refused.For(
                change,
                "it was rolled back.",
                "Apply it to start again.",
                NextAction.Apply(change)
            ),
            _ when contentHash is not null && Resumption.OfFile(record, contentHash) is { } edited => edited,
            { Status: ChangeStatus.Completed } => await ConfirmedAsync(
                new RunOutcome.Completed(),
                record,
                lease,
                cancel
            ),
            _ when !await IsAtGateAsync(record, cancel) => RunOutcome.Refused.For(
                change,
                $"it has not reached its gate (stage {record.Stage}).",
                "Apply it first.",
                NextAction.Apply(change)
            ),
            _ => await new OldCode(engine.Records.Ledger, options, time).ObjectionAsync(record, request, cancel)
                ?? await PassGateAsync(record, request, lease, cancel),
        };
    }

    private async Task<RunOutcome> PassGateAsync(
        ChangeRecord record,
        CompleteRequest request,
        Lease lease,
        CancellationToken cancel
    )
    {
        OldCode old = new(engine.Records.Ledger, options, time);
        await old.RecordAsync(record.Name, request, cancel);
        RunOptions quiet = options with { QuietFor = old.QuietFor(request) };
        return await ForwardAsync(record, until: null, passGate: true, quiet, lease, cancel);
    }

    private async Task<RunOutcome> RollbackAsync(string change, Lease lease, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Records.Ledger.FindAsync(change, cancel);
        if (record is null)
        {
            return Unknown.ToRollBack(change);
        }

        if (record.Status == ChangeStatus.RolledBack)
        {
            RunOutcome.RolledBack rolledBack = new() { Stays = record.Error is { } lacking ? [lacking] : [] };
            return await ConfirmedAsync(rolledBack, record, lease, cancel);
        }

        (Plan? plan, RunOutcome.Refused? altered) = await new WholePlan(engine, _events).ReadAsync(
            record,
            lease,
            cancel
        );
        if (plan is null)
        {
            return altered!;
        }

        WayBack back = new(engine, time);
        if (await back.FindBarrierAsync(plan, record.Status, cancel) is { } reason)
        {
            return RunOutcome.Refused.For(change, reason, "Write a new change that leads to the schema you want.");
        }

        RunContext run = Context(plan, lease);
        if (await back.FindDependentChangesAsync(plan, cancel) is { } dependent)
        {
            return dependent;
        }

        await SignAsync("rollback", change, cancel);
        return await new Confirming(run).AfterAsync(new PlanRollback(run, record.PlanHash).RunAsync(cancel), cancel);
    }

    private async Task<RunOutcome> ForwardAsync(
        ChangeRecord record,
        StageName? until,
        bool passGate,
        RunOptions limits,
        Lease lease,
        CancellationToken cancel
    )
    {
        (Plan? plan, RunOutcome.Refused? altered) = await new WholePlan(engine, _events).ReadAsync(
            record,
            lease,
            cancel
        );
        if (plan is null)
        {
            return altered!;
        }

        await SignAsync(passGate ? "complete" : "apply", record.Name, cancel);
        RunContext run = Context(plan, lease) with { Options = limits };
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

    private async Task<bool> IsAtGateAsync(ChangeRecord record, CancellationToken cancel)
    {
        Dictionary<string, StepState> states = (
            await engine.Records.Ledger.StepsAsync(record.Name, cancel)
        ).ToDictionary(step => step.Id, step => step.State);

        // An altered plan is refused when it would run.
        return await PlanAsync(record, cancel) is not ({ } plan, _)
            || plan.Steps()
                .TakeWhile(step => step is not GateStep)
                .All(step => states.GetValueOrDefault(step.Id) == StepState.Done);
    }

    /// <summary>Puts on record who runs what.</summary>
    private Task SignAsync(string verb, string change, CancellationToken cancel) =>
        engine.Records.Ledger.AppendAsync(
            change,
            "run",
            $"{verb} by {Actor.Words(options.Actor, options.Runner)}",
            cancel
        );

    private RunContext Context(Plan plan, Lease lease) =>
        new()
        {
            Records = engine.Records,
            Execution = engine.Execution,
            Plan = plan,
            Lease = lease,
            Options = options,
            Time = time,
            Emit = _events.About(plan.Change),
        };
}

using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Conformance;

/// <summary>
/// An engine of which any call can go wrong. Heartbeats and signals are not counted: they come by the clock.
/// </summary>
public sealed class FaultyEngine(IEngine engine, Faults faults) : IEngine
{
    public string Name => engine.Name;

    public IPlanner Planner { get; } = new FaultyPlanner(engine.Planner, faults);

    public IRecords Records { get; } = new FaultyRecords(engine.Records, faults);

    public IExecution Execution { get; } = new FaultyExecution(engine.Execution, faults);

    public IInspection Inspection => engine.Inspection;

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private sealed class FaultyRecords(IRecords records, Faults faults) : IRecords
    {
        public ILedger Ledger { get; } = new FaultyLedger(records.Ledger, faults);

        public ILeases Leases { get; } = new FaultyLeases(records.Leases, faults);
    }

    private sealed class FaultyExecution(IExecution execution, Faults faults) : IExecution
    {
        public ICatalogQuestions Questions { get; } = new FaultyQuestions(execution.Questions, faults);

        public IDdlAttempts Ddl { get; } = new FaultyDdl(execution.Ddl, faults);

        public IOnlineStatements Online { get; } = new FaultyOnline(execution.Online, faults);

        public IRanges Ranges { get; } = new FaultyRanges(execution.Ranges, faults);

        public IBatches Batches { get; } = new FaultyBatches(execution.Batches, faults);

        public IVerifier Verifier { get; } = new FaultyVerifier(execution.Verifier, faults);

        public IConfirmation Confirmation { get; } = new FaultyConfirmation(execution.Confirmation, faults);

        public IReplicas Replicas { get; } = new FaultyReplicas(execution.Replicas, faults);

        public IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations) => execution.Signals(relations);

        public ISignal Activity => execution.Activity;

        public IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations) => execution.Room(relations);

        public ErrorClass Classify(Exception error) => execution.Classify(error);

        public string Describe(Exception error) => execution.Describe(error);

        public Task ResetAsync() => execution.ResetAsync();
    }

    private sealed class FaultyConfirmation(IConfirmation confirmation, Faults faults) : IConfirmation
    {
        public Task<bool> IsNeededAsync(CancellationToken cancel) =>
            faults.ReadAsync("confirmation needed", () => confirmation.IsNeededAsync(cancel));

        public Task WaitAsync(string change, CancellationToken cancel) =>
            faults.WriteAsync("confirm", () => confirmation.WaitAsync(change, cancel));

        public Task<string> DescribeAsync(CancellationToken cancel) =>
            faults.ReadAsync("describe confirmation", () => confirmation.DescribeAsync(cancel));
    }

    private sealed class FaultyReplicas(IReplicas replicas, Faults faults) : IReplicas
    {
        public Task<IReadOnlyList<ReplicaFinding>> ExamineAsync(CancellationToken cancel) =>
            faults.ReadAsync("examine replicas", () => replicas.ExamineAsync(cancel));
    }

    private sealed class FaultyPlanner(IPlanner planner, Faults faults) : IPlanner
    {
        public Task<PlanOutcome> PlanAsync(Change change, PlanOptions options, CancellationToken cancel) =>
            faults.ReadAsync("plan", () => planner.PlanAsync(change, options, cancel));
    }

    private sealed class FaultyLeases(ILeases leases, Faults faults) : ILeases
    {
        public Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(
            string runner,
            TimeSpan validFor,
            CancellationToken cancel
        ) => faults.WriteAsync("acquire lease", () => leases.TryAcquireAsync(runner, validFor, cancel));

        public Task<LeaseHolder?> HolderAsync(CancellationToken cancel) =>
            faults.ReadAsync("lease holder", () => leases.HolderAsync(cancel));

        public Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel) =>
            leases.RenewAsync(lease, validFor, cancel);

        public Task ReleaseAsync(Lease lease, CancellationToken cancel) =>
            faults.WriteAsync("release lease", () => leases.ReleaseAsync(lease, cancel));
    }

    private sealed class FaultyQuestions(ICatalogQuestions questions, Faults faults) : ICatalogQuestions
    {
        public Task<bool> AskAsync(string query, CancellationToken cancel) =>
            faults.ReadAsync("ask", () => questions.AskAsync(query, cancel));

        public Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel) =>
            faults.ReadAsync("fingerprint", () => questions.FingerprintAsync(plan, cancel));
    }

    private sealed class FaultyDdl(IDdlAttempts ddl, Faults faults) : IDdlAttempts
    {
        public Task<IReadOnlyList<Blocker>> BlockersAsync(DdlStep step, CancellationToken cancel) =>
            faults.ReadAsync($"blockers of {step.Id}", () => ddl.BlockersAsync(step, cancel));

        public Task<DdlAttempt> TryAsync(DdlCall call, CancellationToken cancel) =>
            faults.WriteAsync($"try {call.Step.Id}", () => ddl.TryAsync(call, cancel));
    }

    private sealed class FaultyRanges(IRanges ranges, Faults faults) : IRanges
    {
        public RangeSizes Sizes => ranges.Sizes;

        public Task<TableExtent> MeasureAsync(string relation, CancellationToken cancel) =>
            faults.ReadAsync("measure", () => ranges.MeasureAsync(relation, cancel));

        public ValueTask<RowRange> HeadAsync(string relation, RowRange range, long units, CancellationToken cancel) =>
            AskedAsync("head", ranges.HeadAsync(relation, range, units, cancel));

        public ValueTask<IReadOnlyList<RowRange>> SplitAsync(
            string relation,
            RowRange range,
            int parts,
            CancellationToken cancel
        ) => AskedAsync("split", ranges.SplitAsync(relation, range, parts, cancel));

        public Task<RowRange> RemainingAsync(string relation, RowRange? after, CancellationToken cancel) =>
            faults.ReadAsync("remaining", () => ranges.RemainingAsync(relation, after, cancel));

        /// <summary>What is answered at once has asked no server.</summary>
        private ValueTask<T> AskedAsync<T>(string what, ValueTask<T> answer) =>
            answer.IsCompletedSuccessfully ? answer : new ValueTask<T>(faults.ReadAsync(what, answer.AsTask));
    }

    private sealed class FaultyBatches(IBatches batches, Faults faults) : IBatches
    {
        public Task<BackfillCursor?> CursorAsync(BackfillKey key, CancellationToken cancel) =>
            faults.ReadAsync("read cursor", () => batches.CursorAsync(key, cancel));

        public Task SaveAsync(BackfillKey key, BackfillCursor cursor, Lease lease, CancellationToken cancel) =>
            faults.WriteAsync("save cursor", () => batches.SaveAsync(key, cursor, lease, cancel));

        public Task<BatchResults> FillAsync(IReadOnlyList<Batch> ahead, CancellationToken cancel) =>
            faults.WriteAsync(
                $"fill {ahead.Count} from {ahead[0].Range.Words}",
                () => batches.FillAsync(ahead, cancel)
            );

        public Task<string?> PassesObstacleAsync(CancellationToken cancel) =>
            faults.ReadAsync("pruning", () => batches.PassesObstacleAsync(cancel));

        public Task<string?> LockHolderAsync(string relation, CancellationToken cancel) =>
            faults.ReadAsync("look for lock holder", () => batches.LockHolderAsync(relation, cancel));
    }

    private sealed class FaultyVerifier(IVerifier verifier, Faults faults) : IVerifier
    {
        public Task<RangeCounts> CountAsync(Plan plan, VerifyScan scan, RowRange range, CancellationToken cancel) =>
            faults.ReadAsync("count", () => verifier.CountAsync(plan, scan, range, cancel));

        public Task<Tally> CompareAsync(Plan plan, VerifyCheck check, RowRange range, CancellationToken cancel) =>
            faults.ReadAsync("compare", () => verifier.CompareAsync(plan, check, range, cancel));

        public Task<Tally> CompareWholeAsync(Plan plan, VerifyCheck check, double rest, CancellationToken cancel) =>
            faults.ReadAsync("compare all", () => verifier.CompareWholeAsync(plan, check, rest, cancel));
    }

    private sealed class FaultyOnline(IOnlineStatements online, Faults faults) : IOnlineStatements
    {
        public Task RunAsync(OnlineCall call, OnlineWatch watch, CancellationToken cancel) =>
            faults.WriteAsync($"run {call.Statement}", () => online.RunAsync(call, watch, cancel));

        public Task<bool> IsRunningAsync(string statement, CancellationToken cancel) =>
            faults.ReadAsync("is running", () => online.IsRunningAsync(statement, cancel));

        public Task CancelAsync(string statement, CancellationToken cancel) =>
            faults.WriteAsync("cancel", () => online.CancelAsync(statement, cancel));
    }

    private sealed class FaultyLedger(ILedger ledger, Faults faults) : ILedger
    {
        public Task EnsureAsync(CancellationToken cancel) =>
            faults.WriteAsync("ensure ledger", () => ledger.EnsureAsync(cancel));

        public Task<bool> ExistsAsync(CancellationToken cancel) =>
            faults.ReadAsync("ledger exists", () => ledger.ExistsAsync(cancel));

        public Task<ChangeRecord?> FindAsync(string change, CancellationToken cancel) =>
            faults.ReadAsync("find change", () => ledger.FindAsync(change, cancel));

        public Task<IReadOnlyList<ChangeRecord>> ListAsync(CancellationToken cancel) =>
            faults.ReadAsync("list", () => ledger.ListAsync(cancel));

        public Task<IReadOnlyList<StepRecord>> StepsAsync(string change, CancellationToken cancel) =>
            faults.ReadAsync("steps", () => ledger.StepsAsync(change, cancel));

        public Task<ILookup<string, BackfillRecord>> BackfillsAsync(
            IReadOnlyList<string> changes,
            CancellationToken cancel
        ) => faults.ReadAsync("fills", () => ledger.BackfillsAsync(changes, cancel));

        public Task<IReadOnlyList<LedgerEvent>> EventsAsync(string? change, int limit, CancellationToken cancel) =>
            faults.ReadAsync("events", () => ledger.EventsAsync(change, limit, cancel));

        public Task<IReadOnlyList<LedgerEvent>> EventsAsync(
            string? change,
            long afterId,
            int limit,
            CancellationToken cancel
        ) => faults.ReadAsync("events", () => ledger.EventsAsync(change, afterId, limit, cancel));

        public Task<IReadOnlyList<RetainedRecord>> RetainedAsync(CancellationToken cancel) =>
            faults.ReadAsync("retained", () => ledger.RetainedAsync(cancel));

        public Task<IReadOnlyList<OldWrites>> OldWritesAsync(CancellationToken cancel) =>
            faults.ReadAsync("old writes", () => ledger.OldWritesAsync(cancel));

        public Task<string> PlanAsync(string change, CancellationToken cancel) =>
            faults.ReadAsync("read plan", () => ledger.PlanAsync(change, cancel));

        public Task<IReadOnlyList<PlanRecord>> OtherPlansAsync(string change, CancellationToken cancel) =>
            faults.ReadAsync("other plans", () => ledger.OtherPlansAsync(change, cancel));

        public Task SetRetentionAsync(
            string change,
            string step,
            RetentionEntry entry,
            Lease lease,
            CancellationToken cancel
        ) =>
            faults.WriteAsync(
                $"set {entry.Kept.What} {entry.State}",
                () => ledger.SetRetentionAsync(change, step, entry, lease, cancel)
            );

        public Task BeginAsync(Plan plan, ChangeOrigin origin, Lease lease, CancellationToken cancel) =>
            faults.WriteAsync("begin", () => ledger.BeginAsync(plan, origin, lease, cancel));

        public Task MendStepsAsync(Plan plan, IReadOnlySet<string> shown, Lease lease, CancellationToken cancel) =>
            faults.WriteAsync("mend steps", () => ledger.MendStepsAsync(plan, shown, lease, cancel));

        public Task SetStatusAsync(string change, ChangeProgress progress, Lease lease, CancellationToken cancel) =>
            faults.WriteAsync(
                $"set status {progress.Status} {progress.Stage}",
                () => ledger.SetStatusAsync(change, progress, lease, cancel)
            );

        public Task SetStepAsync(
            string change,
            string step,
            StepState state,
            string? detail,
            Lease lease,
            CancellationToken cancel
        ) =>
            faults.WriteAsync(
                $"set {step} {state}",
                () => ledger.SetStepAsync(change, step, state, detail, lease, cancel)
            );

        public Task<string?> ForgottenAsync(CancellationToken cancel) =>
            faults.ReadAsync("what is forgotten", () => ledger.ForgottenAsync(cancel));

        public Task SetThrottleAsync(string change, string? reason, Lease lease, CancellationToken cancel) =>
            faults.WriteAsync("set throttle", () => ledger.SetThrottleAsync(change, reason, lease, cancel));

        public Task RequestPauseAsync(string change, bool paused, string message, CancellationToken cancel) =>
            faults.WriteAsync("request pause", () => ledger.RequestPauseAsync(change, paused, message, cancel));

        public Task AppendAsync(string? change, string kind, string message, CancellationToken cancel) =>
            faults.WriteAsync("append event", () => ledger.AppendAsync(change, kind, message, cancel));
    }
}

using System.Data.Common;
using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Tests;

/// <summary>
/// An engine without a server, for what the command line makes of a run's end. What runs do on servers is tested on
/// servers.
/// </summary>
internal sealed class FakeEngine
    : IEngine,
        IPlanner,
        IRecords,
        IExecution,
        IInspection,
        ILeases,
        ICatalogQuestions,
        IDdlAttempts,
        IDoctor,
        IStatementProbe,
        IConfirmation,
        IReplicas
{
    private readonly HashSet<string> _applied = [];

    public FakeLedger Memory { get; } = new();

    /// <summary>What the planner says of a change; default: a plan with a gate.</summary>
    public Func<Change, PlanOutcome> Plan { get; set; } =
        change => new PlanOutcome.Planned(PlanOf(change, withGate: true));

    /// <summary>What comes of a transaction; default: it is applied.</summary>
    public Func<DdlStep, DdlAttempt> Attempt { get; set; } =
        _ => new DdlAttempt.Applied(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));

    /// <summary>What a wait for standbys comes to; default: there are none.</summary>
    public Func<CancellationToken, Task> Confirm { get; set; } = _ => Task.CompletedTask;

    public LeaseHolder? OtherRunner { get; set; }

    public IReadOnlyList<Diagnosis> Diagnoses { get; set; } = [];

    public string Name => "postgresql";

    public IPlanner Planner => this;

    public IRecords Records => this;

    public IExecution Execution => this;

    public IInspection Inspection => this;

    public ILedger Ledger => Memory;

    public ILeases Leases => this;

    public ICatalogQuestions Questions => this;

    public IDdlAttempts Ddl => this;

    public IOnlineStatements Online => throw new NotSupportedException();

    public IRanges Ranges => throw new NotSupportedException();

    public IBatches Batches => throw new NotSupportedException();

    public IVerifier Verifier => throw new NotSupportedException();

    public IDoctor Doctor => this;

    public IStatementProbe Statements => this;

    public IConfirmation Confirmation => this;

    public IReplicas Replicas => this;

    public static Plan PlanOf(Change change, bool withGate) =>
        Samples.Plan with
        {
            Change = change.Name,
            ChangeHash = change.ContentHash,
            Hazards = [],
            Stages =
            [
                new Stage(StageName.Expand, [Samples.Expand with { Applied = "expand" }]),
                .. withGate
                    ? new[]
                    {
                        new Stage(StageName.Switch, [Samples.Gate]),
                        new Stage(StageName.Contract, [Samples.Contract with { Applied = "contract" }]),
                    }
                    : [],
            ],
        };

    public Task<PlanOutcome> PlanAsync(Change change, PlanOptions options, CancellationToken cancel) =>
        Task.FromResult(Plan(change));

    public Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel) =>
        Task.FromResult(plan.Fingerprint);

    public Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(
        string runner,
        TimeSpan validFor,
        CancellationToken cancel
    ) => Task.FromResult<(Lease?, LeaseHolder?)>(OtherRunner is null ? (new Lease(1), null) : (null, OtherRunner));

    public Task<LeaseHolder?> HolderAsync(CancellationToken cancel) =>
        Task.FromResult<LeaseHolder?>(
            OtherRunner ?? new LeaseHolder("this", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch) { Token = 1 }
        );

    public Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel) => Task.FromResult(true);

    public Task ReleaseAsync(Lease lease, CancellationToken cancel) => Task.CompletedTask;

    public Task<bool> AskAsync(string query, CancellationToken cancel) => Task.FromResult(_applied.Contains(query));

    public Task<IReadOnlyList<Blocker>> BlockersAsync(DdlStep step, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Blocker>>([]);

    public async Task<DdlAttempt> TryAsync(DdlCall call, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        DdlAttempt attempt = Attempt(call.Step);
        if (attempt is DdlAttempt.Applied)
        {
            _applied.Add(call.Step.Applied ?? "");
            await Memory.SetStepAsync(call.Plan.Change, call.LedgerStep, call.RecordAs, null, call.Lease, cancel);
        }

        return attempt;
    }

    public Task<IReadOnlyList<Diagnosis>> ExamineAsync(CancellationToken cancel) => Task.FromResult(Diagnoses);

    public Task<Explanation> ExplainAsync(string statement, CancellationToken cancel) =>
        Task.FromResult<Explanation>(
            new Explanation.NotMeasured(new Problem("explain", "there is no server.", "Take a real one."))
        );

    Task<IReadOnlyList<ReplicaFinding>> IReplicas.ExamineAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ReplicaFinding>>([]);

    public Task<bool> IsNeededAsync(CancellationToken cancel) => Task.FromResult(true);

    public Task WaitAsync(string change, CancellationToken cancel) => Confirm(cancel);

    public Task<string> DescribeAsync(CancellationToken cancel) => Task.FromResult("");

    public string Script(Plan plan) => "-- script";

    public IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations) => [];

    public ISignal Activity => throw new NotSupportedException();

    public IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations) => [];

    public ErrorClass Classify(Exception error) => error is DbException ? ErrorClass.Resources : ErrorClass.Permanent;

    public string Describe(Exception error) => error.Message;

    public Task ResetAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

using Segue.Changes;
using Segue.Cli.Tests;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Tests.Execution;

/// <summary>
/// A server on which a step may commit by itself. <c>+x</c> creates x, <c>-x</c> drops it, and so do the questions:
/// <c>+x</c> asks whether it is there.
/// </summary>
internal sealed class SelfCommitting(Plan plan)
    : IEngine,
        IPlanner,
        IRecords,
        ILeases,
        IExecution,
        ICatalogQuestions,
        IDdlAttempts,
        IOnlineStatements,
        IConfirmation,
        IReplicas
{
    public HashSet<string> There { get; } = [];

    public List<string> Executed { get; } = [];

    /// <summary>The runner dies once this statement has taken effect.</summary>
    public string? DiesAfter { get; set; }

    /// <summary>A statement that a dead runner's session still runs, and for how many looks.</summary>
    public (string Statement, int Looks)? Running { get; set; }

    public string Name => "fake";

    public IPlanner Planner => this;

    public IRecords Records => this;

    public IExecution Execution => this;

    public IInspection Inspection => throw new NotSupportedException();

    public FakeLedger Memory { get; } = new();

    public ILedger Ledger => Memory;

    public ILeases Leases => this;

    public ICatalogQuestions Questions => this;

    public IDdlAttempts Ddl => this;

    public IOnlineStatements Online => this;

    public IRanges Ranges => throw new NotSupportedException();

    public IBatches Batches => throw new NotSupportedException();

    public IVerifier Verifier => throw new NotSupportedException();

    public IConfirmation Confirmation => this;

    public IReplicas Replicas => this;

    public ISignal Activity => throw new NotSupportedException();

    public Task<PlanOutcome> PlanAsync(Change change, PlanOptions options, CancellationToken cancel) =>
        Task.FromResult<PlanOutcome>(new PlanOutcome.Planned(plan));

    public Task<bool> AskAsync(string query, CancellationToken cancel) =>
        Task.FromResult(There.Contains(query[1..]) == query.StartsWith('+'));

    public Task<IReadOnlyList<string>> FingerprintAsync(Plan stored, CancellationToken cancel) =>
        Task.FromResult(stored.Fingerprint);

    public Task<IReadOnlyList<Blocker>> BlockersAsync(DdlStep step, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Blocker>>([]);

    public async Task<DdlAttempt> TryAsync(DdlCall call, CancellationToken cancel)
    {
        foreach (string statement in call.Step.Statements)
        {
            Execute(statement);
        }

        if (call.Step.Commit == Commit.WithRecord)
        {
            await Memory.SetStepAsync(call.Plan.Change, call.LedgerStep, call.RecordAs, null, call.Lease, cancel);
        }

        return new DdlAttempt.Applied(TimeSpan.Zero, TimeSpan.Zero);
    }

    private void Execute(string statement)
    {
        Executed.Add(statement);
        _ = statement.StartsWith('+') ? There.Add(statement[1..]) : There.Remove(statement[1..]);
        if (statement == DiesAfter)
        {
            throw new InvalidOperationException("The runner died.");
        }
    }

    public Task RunAsync(OnlineCall call, OnlineWatch watch, CancellationToken cancel) =>
        throw new NotSupportedException();

    /// <summary>What runs takes effect when it ends by itself.</summary>
    public Task<bool> IsRunningAsync(string statement, CancellationToken cancel)
    {
        if (Running is not { } running || running.Statement != statement)
        {
            return Task.FromResult(false);
        }

        if (running.Looks > 0)
        {
            Running = running with { Looks = running.Looks - 1 };
            return Task.FromResult(true);
        }

        Running = null;
        Execute(statement);
        return Task.FromResult(false);
    }

    public Task CancelAsync(string statement, CancellationToken cancel)
    {
        Running = Running?.Statement == statement ? null : Running;
        return Task.CompletedTask;
    }

    public Task<(Lease? Lease, LeaseHolder? Holder)> TryAcquireAsync(
        string runner,
        TimeSpan validFor,
        CancellationToken cancel
    ) => Task.FromResult<(Lease?, LeaseHolder?)>((new Lease(1), null));

    public Task<LeaseHolder?> HolderAsync(CancellationToken cancel) =>
        Task.FromResult<LeaseHolder?>(
            new LeaseHolder("this", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch) { Token = 1 }
        );

    public Task<bool> RenewAsync(Lease lease, TimeSpan validFor, CancellationToken cancel) => Task.FromResult(true);

    public Task ReleaseAsync(Lease lease, CancellationToken cancel) => Task.CompletedTask;

    public Task<bool> IsNeededAsync(CancellationToken cancel) => Task.FromResult(false);

    public Task WaitAsync(string change, CancellationToken cancel) => Task.CompletedTask;

    public Task<string> DescribeAsync(CancellationToken cancel) => Task.FromResult("");

    public Task<IReadOnlyList<ReplicaFinding>> ExamineAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ReplicaFinding>>([]);

    public IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations) => [];

    public IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations) => [];

    public ErrorClass Classify(Exception error) => ErrorClass.Permanent;

    public string Describe(Exception error) => error.Message;

    public Task ResetAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

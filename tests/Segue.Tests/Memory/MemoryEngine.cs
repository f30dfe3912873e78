using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>
/// An engine whose server is a few dictionaries, for what the core does whatever the server. Each one is a session of
/// its own, as another process would have it.
/// </summary>
internal sealed class MemoryEngine
    : IEngine,
        IRecords,
        IExecution,
        IInspection,
        ICatalogQuestions,
        IConfirmation,
        IReplicas
{
    public const string EngineName = "memory";

    private readonly MemoryDatabase _database;
    private readonly long _session;

    public MemoryEngine(MemoryDatabase database)
    {
        _database = database;
        _session = database.OpenSession();
        MemoryLedger ledger = new(database);
        Planner = new MemoryPlanner(database);
        Ledger = ledger;
        Leases = new MemoryLeases(database, _session);
        Ddl = new MemoryDdl(database, ledger);
        Online = new MemoryOnline(database);
        Ranges = new MemoryRanges(database);
        Batches = new MemoryBatches(database);
        Verifier = new MemoryVerifier(database);
    }

    public string Name => EngineName;

    public IPlanner Planner { get; }

    public IRecords Records => this;

    public IExecution Execution => this;

    public IInspection Inspection => this;

    public ILedger Ledger { get; }

    public ILeases Leases { get; }

    public ICatalogQuestions Questions => this;

    public IDdlAttempts Ddl { get; }

    public IOnlineStatements Online { get; }

    public IRanges Ranges { get; }

    public IBatches Batches { get; }

    public IVerifier Verifier { get; }

    public IConfirmation Confirmation => this;

    public IReplicas Replicas => this;

    public IDoctor Doctor => throw new NotSupportedException();

    public IStatementProbe Statements => throw new NotSupportedException();

    public ISignal Activity => new MemorySignal(_database);

    public IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations) => [Activity];

    public IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations) => [Activity];

    public string Script(Plan plan) => string.Join('\n', plan.Steps().Select(step => step.Title));

    public ErrorClass Classify(Exception error) =>
        error switch
        {
            MemoryException known => known.Kind,
            LeaseLostException => ErrorClass.LeaseLost,
            _ => ErrorClass.Permanent,
        };

    public string Describe(Exception error) => error.Message;

    public Task ResetAsync() => Task.CompletedTask;

    public Task<bool> AskAsync(string query, CancellationToken cancel)
    {
        _database.Answer();
        return Task.FromResult(MemoryStatement.Ask(_database.State, query));
    }

    public Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel)
    {
        _database.Answer();
        return Task.FromResult(MemoryStatement.Fingerprint(_database.State));
    }

    public Task<bool> IsNeededAsync(CancellationToken cancel) => Task.FromResult(false);

    public Task WaitAsync(string change, CancellationToken cancel) => Task.CompletedTask;

    public Task<string> DescribeAsync(CancellationToken cancel) => Task.FromResult("");

    public Task<IReadOnlyList<ReplicaFinding>> ExamineAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ReplicaFinding>>([]);

    /// <summary>As the end of its process: the server notices that its session is gone.</summary>
    public ValueTask DisposeAsync()
    {
        _database.EndSession(_session);
        return ValueTask.CompletedTask;
    }

    private sealed class MemorySignal(MemoryDatabase database) : ISignal
    {
        public string Name => "the signal";

        public Task<Reading> ReadAsync(CancellationToken cancel) => Task.FromResult(database.Signal());
    }
}

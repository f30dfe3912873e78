using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Tests;

/// <summary>A ledger in memory.</summary>
internal sealed class FakeLedger : ILedger
{
    private readonly SortedDictionary<string, ChangeRecord> _changes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _plans = [];
    private readonly Dictionary<(string Change, string Step), StepRecord> _steps = [];

    public bool Exists { get; private set; }

    public ChangeRecord this[string change]
    {
        get => _changes[change];
        set
        {
            Exists = true;
            _changes[change] = value;
        }
    }

    public Task EnsureAsync(CancellationToken cancel)
    {
        Exists = true;
        return Task.CompletedTask;
    }

    public Task<bool> ExistsAsync(CancellationToken cancel) => Task.FromResult(Exists);

    public Task<ChangeRecord?> FindAsync(string change, CancellationToken cancel) =>
        Task.FromResult(_changes.GetValueOrDefault(change));

    public Task<IReadOnlyList<ChangeRecord>> ListAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ChangeRecord>>([.. _changes.Values]);

    public Task<IReadOnlyList<StepRecord>> StepsAsync(string change, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<StepRecord>>([
            .. _steps.Where(entry => entry.Key.Change == change).Select(entry => entry.Value),
        ]);

    public Task<ILookup<string, BackfillRecord>> BackfillsAsync(
        IReadOnlyList<string> changes,
        CancellationToken cancel
    ) => Task.FromResult(Array.Empty<BackfillRecord>().ToLookup(_ => ""));

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(string? change, int limit, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<LedgerEvent>>([]);

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(
        string? change,
        long afterId,
        int limit,
        CancellationToken cancel
    ) => Task.FromResult<IReadOnlyList<LedgerEvent>>([]);

    public List<RetainedRecord> Retained { get; } = [];

    public Task<IReadOnlyList<RetainedRecord>> RetainedAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<RetainedRecord>>([.. Retained]);

    public List<OldWrites> OldWrites { get; } = [];

    public Task<IReadOnlyList<OldWrites>> OldWritesAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<OldWrites>>([.. OldWrites]);

    /// <summary>Changes of others.</summary>
    public List<PlanRecord> Others { get; } = [];

    public Task<IReadOnlyList<PlanRecord>> OtherPlansAsync(string change, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<PlanRecord>>(Others);

    public List<(string Step, RetentionState State)> Retentions { get; } = [];

    public Task SetRetentionAsync(
        string change,
        string step,
        RetentionEntry entry,
        Lease lease,
        CancellationToken cancel
    )
    {
        Retentions.Add((step, entry.State));
        return Task.CompletedTask;
    }

    public Task<string> PlanAsync(string change, CancellationToken cancel) => Task.FromResult(_plans[change]);

    public Task BeginAsync(Plan plan, ChangeOrigin origin, Lease lease, CancellationToken cancel)
    {
        _plans[plan.Change] = PlanJson.Canonical(plan);
        foreach (Step step in plan.Steps())
        {
            string stage = Text.SnakeCase(plan.Stages.First(stage => stage.Steps.Contains(step)).Name);
            _steps[(plan.Change, step.Id)] = new StepRecord
            {
                Id = step.Id,
                Stage = stage,
                State = StepState.Pending,
            };
        }

        this[plan.Change] = new ChangeRecord
        {
            Name = plan.Change,
            ContentHash = plan.ChangeHash,
            PlanHash = PlanJson.Hash(plan),
            GitCommit = origin.GitCommit,
            Author = origin.Author,
            Status = ChangeStatus.Running,
        };
        return Task.CompletedTask;
    }

    public Task MendStepsAsync(Plan plan, IReadOnlySet<string> shown, Lease lease, CancellationToken cancel) =>
        Task.CompletedTask;

    public Task SetStatusAsync(string change, ChangeProgress progress, Lease lease, CancellationToken cancel)
    {
        this[change] = this[change] with
        {
            Status = progress.Status,
            Stage = progress.Stage ?? this[change].Stage,
            Gate = progress.Gate,
            Error = progress.Error,
            RollingBack = progress.RollingBack,
        };
        return Task.CompletedTask;
    }

    public Task SetStepAsync(
        string change,
        string step,
        StepState state,
        string? detail,
        Lease lease,
        CancellationToken cancel
    )
    {
        _steps[(change, step)] = _steps[(change, step)] with { State = state, Evidence = detail };
        return Task.CompletedTask;
    }

    public Task SetThrottleAsync(string change, string? reason, Lease lease, CancellationToken cancel) =>
        Task.CompletedTask;

    public Task<string?> ForgottenAsync(CancellationToken cancel) => Task.FromResult<string?>(null);

    public Task RequestPauseAsync(string change, bool paused, string message, CancellationToken cancel)
    {
        this[change] = this[change] with { PauseRequested = paused };
        return Task.CompletedTask;
    }

    public Task AppendAsync(string? change, string kind, string message, CancellationToken cancel) =>
        Task.CompletedTask;
}

using System.Collections.Immutable;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>The ledger in memory. Every write is one commit, under the lease.</summary>
internal sealed class MemoryLedger(MemoryDatabase database) : ILedger
{
    private LedgerEvent? _last;

    public Task EnsureAsync(CancellationToken cancel) => CommitAsync(state => state with { HasLedger = true });

    public Task<bool> ExistsAsync(CancellationToken cancel) => ReadAsync(state => state.HasLedger);

    public Task<ChangeRecord?> FindAsync(string change, CancellationToken cancel) =>
        ReadAsync(state => state.Changes.TryGetValue(change, out ChangeRecord? record) ? Seen(state, record) : null);

    public Task<IReadOnlyList<ChangeRecord>> ListAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<ChangeRecord>>(state =>
            [.. state.Changes.Values.Select(record => Seen(state, record))]
        );

    public Task<IReadOnlyList<StepRecord>> StepsAsync(string change, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<StepRecord>>(state => state.Steps.GetValueOrDefault(change, []));

    public Task<ILookup<string, BackfillRecord>> BackfillsAsync(
        IReadOnlyList<string> changes,
        CancellationToken cancel
    ) =>
        ReadAsync(state =>
            state
                .Backfills.Where(fill => changes.Contains(fill.Key.Change))
                .ToLookup(
                    fill => fill.Key.Change,
                    fill => new BackfillRecord
                    {
                        StepId = fill.Key.Step,
                        Relation = fill.Key.Relation,
                        RowsTotal = fill.Value.RowsTotal,
                        RowsDone = fill.Value.Rows,
                        UnitsTotal = fill.Value.UnitsTotal,
                        UnitsDone = fill.Value.UnitsDone,
                        UnitsSkipped = fill.Value.UnitsSkipped,
                        Finished = fill.Value.Finished,
                        Failed = fill.Value.Failed,
                    }
                )
        );

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(string? change, int limit, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<LedgerEvent>>(state =>
            [.. state.Events.Where(line => change is null || line.Change == change).TakeLast(limit)]
        );

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(
        string? change,
        long afterId,
        int limit,
        CancellationToken cancel
    ) =>
        ReadAsync<IReadOnlyList<LedgerEvent>>(state =>
            [.. state.Events.Where(line => line.Id > afterId && (change is null || line.Change == change)).Take(limit)]
        );

    public Task<IReadOnlyList<RetainedRecord>> RetainedAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<RetainedRecord>>(state =>
            [.. state.Retained.Values.Select(kept => kept with { IsOver = kept.Until <= database.Time.GetUtcNow() })]
        );

    public Task<IReadOnlyList<OldWrites>> OldWritesAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<OldWrites>>(state =>
            [
                .. state
                    .OldWrites.GroupBy(write => (write.Change, write.Application, write.Breaks))
                    .Select(writes => new OldWrites
                    {
                        Change = writes.Key.Change,
                        Relation = "items",
                        Application = writes.Key.Application,
                        Role = "app",
                        Breaks = writes.Key.Breaks,
                        Count = writes.LongCount(),
                        LastMinute = writes.LongCount(),
                        LastAgo = database.Time.GetUtcNow() - writes.Max(write => write.At),
                    }),
            ]
        );

    public Task<IReadOnlyList<PlanRecord>> OtherPlansAsync(string change, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<PlanRecord>>(state =>
            [
                .. state
                    .Changes.Values.Where(record => record.Name != change && record.Status != ChangeStatus.RolledBack)
                    .Select(record => new PlanRecord(record.Name, record.Status, state.Plans[record.Name])),
            ]
        );

    public Task SetRetentionAsync(
        string change,
        string step,
        RetentionEntry entry,
        Lease lease,
        CancellationToken cancel
    ) => CommitAsync(state => WithRetention(state.Fenced(lease), change, step, entry));

    /// <summary>For whoever commits it with something else.</summary>
    public MemoryState WithRetention(MemoryState state, string change, string step, RetentionEntry? entry)
    {
        DateTimeOffset now = database.Time.GetUtcNow();
        return entry switch
        {
            null => state,
            { State: RetentionState.Kept, Kept: var kept } => state with
            {
                Retained = state.Retained.SetItem(
                    (change, step),
                    new RetainedRecord(
                        change,
                        step,
                        kept.What,
                        kept.Relation,
                        now,
                        now + TimeSpan.FromSeconds(kept.Seconds),
                        IsOver: false
                    )
                ),
            },
            _ => state with { Retained = state.Retained.Remove((change, step)) },
        };
    }

    public Task<string> PlanAsync(string change, CancellationToken cancel) =>
        ReadAsync(state =>
            state.Plans.GetValueOrDefault(change)
            ?? throw new LedgerDamagedException($"The ledger's plan of {change} is missing.")
        );

    public Task BeginAsync(Plan plan, ChangeOrigin origin, Lease lease, CancellationToken cancel) =>
        CommitAsync(state =>
            Appended(
                state.Fenced(lease) with
                {
                    Changes = state.Changes.SetItem(
                        plan.Change,
                        new ChangeRecord
                        {
                            Name = plan.Change,
                            Description = origin.Description,
                            ContentHash = plan.ChangeHash,
                            PlanHash = PlanJson.Hash(plan),
                            GitCommit = origin.GitCommit,
                            Author = origin.Author,
                            Status = ChangeStatus.Pending,
                            CreatedAt = database.Time.GetUtcNow(),
                            UpdatedAt = database.Time.GetUtcNow(),
                        }
                    ),
                    Plans = state.Plans.SetItem(plan.Change, PlanJson.Canonical(plan)),
                    Steps = state.Steps.SetItem(plan.Change, [.. StepsOf(plan)]),
                    Backfills = state.Backfills.RemoveRange(
                        state.Backfills.Keys.Where(key => key.Change == plan.Change)
                    ),
                },
                plan.Change,
                "planned",
                $"plan {PlanJson.Hash(plan)}"
            )
        );

    public Task MendStepsAsync(Plan plan, IReadOnlySet<string> shown, Lease lease, CancellationToken cancel) =>
        CommitAsync(state =>
        {
            Dictionary<string, StepRecord> known = state
                .Steps.GetValueOrDefault(plan.Change, [])
                .ToDictionary(step => step.Id);
            IEnumerable<StepRecord> steps = StepsOf(plan)
                .Select(step =>
                    known.GetValueOrDefault(step.Id)
                    ?? (shown.Contains(step.Id) ? step with { State = StepState.Done } : step)
                );
            return Appended(
                state.Fenced(lease) with
                {
                    Steps = state.Steps.SetItem(plan.Change, [.. steps]),
                },
                plan.Change,
                "mended",
                "steps"
            );
        });

    public Task SetStatusAsync(string change, ChangeProgress progress, Lease lease, CancellationToken cancel) =>
        CommitAsync(state =>
        {
            state = WithChange(
                state.Fenced(lease),
                change,
                record =>
                    record with
                    {
                        Status = progress.Status,
                        Stage = progress.Stage ?? record.Stage,
                        Gate = progress.Gate,
                        Error = progress.Error,
                        RollingBack = progress.RollingBack,
                        ThrottleReason = null,
                    }
            );
            state =
                progress.Status == ChangeStatus.Failed
                    ? WithSteps(
                        state,
                        change,
                        step =>
                            step.State == StepState.Running || step is { State: StepState.Failed, Error: null }
                                ? step with
                                {
                                    State = StepState.Failed,
                                    Error = progress.Error,
                                    EndedAt = database.Time.GetUtcNow(),
                                }
                                : step
                    )
                    : state;
            string detail = progress.Error ?? progress.Gate ?? progress.Stage ?? "";
            return Appended(state, change, Text.SnakeCase(progress.Status), detail);
        });

    public Task SetStepAsync(
        string change,
        string step,
        StepState state,
        string? detail,
        Lease lease,
        CancellationToken cancel
    ) => CommitAsync(before => WithStep(before.Fenced(lease), change, step, state, detail));

    public Task SetThrottleAsync(string change, string? reason, Lease lease, CancellationToken cancel) =>
        CommitAsync(state =>
            WithChange(state.Fenced(lease), change, record => record with { ThrottleReason = reason })
        );

    public Task<string?> ForgottenAsync(CancellationToken cancel) =>
        ReadAsync(state =>
            !state.HasLedger ? "the ledger"
            : _last is null || state.Events.Contains(_last) ? null
            : $"event {_last.Id}, \"{_last.Kind} {_last.Message}\""
        );

    public Task RequestPauseAsync(string change, bool paused, string message, CancellationToken cancel) =>
        CommitAsync(state =>
            Appended(
                WithChange(state, change, record => record with { PauseRequested = paused }),
                change,
                paused ? "pause_requested" : "resume_requested",
                message
            )
        );

    public Task AppendAsync(string? change, string kind, string message, CancellationToken cancel) =>
        CommitAsync(state => Appended(state, change, kind, message));

    /// <summary>With the step's new state and an event of it, for whoever commits both with something else.</summary>
    public MemoryState WithStep(MemoryState state, string change, string step, StepState to, string? detail) =>
        Appended(
            WithSteps(
                state,
                change,
                record =>
                    record.Id != step
                        ? record
                        : record with
                        {
                            State = to,
                            Error = null,
                            Evidence = detail ?? record.Evidence,
                            Attempts = record.Attempts + (to == StepState.Running ? 1 : 0),
                            StartedAt = to == StepState.Running ? database.Time.GetUtcNow() : record.StartedAt,
                            EndedAt = to == StepState.Running ? null : record.EndedAt ?? database.Time.GetUtcNow(),
                        }
            ),
            change,
            $"step_{Text.SnakeCase(to)}",
            step
        );

    public static MemoryState WithSteps(MemoryState state, string change, Func<StepRecord, StepRecord> with) =>
        state with
        {
            Steps = state.Steps.SetItem(change, [.. state.Steps[change].Select(with)]),
        };

    private MemoryState Appended(MemoryState state, string? change, string kind, string message)
    {
        LedgerEvent line = new(state.Events.Count + 1, database.Time.GetUtcNow(), change, kind, message, "")
        {
            PreviousHash = state.Events.LastOrDefault()?.Hash ?? "",
        };
        _last = line with { Hash = EventChain.HashOf(line) };
        return state with { Events = state.Events.Add(_last) };
    }

    private MemoryState WithChange(MemoryState state, string change, Func<ChangeRecord, ChangeRecord> with) =>
        state.Changes.TryGetValue(change, out ChangeRecord? record)
            ? state with
            {
                Changes = state.Changes.SetItem(change, with(record) with { UpdatedAt = database.Time.GetUtcNow() }),
            }
            : state;

    private ChangeRecord Seen(MemoryState state, ChangeRecord record) =>
        record with
        {
            RunnerIsGone =
                record.Status is ChangeStatus.Running or ChangeStatus.Paused
                && !MemoryLeases.IsAlive(database, state.Lease),
        };

    private static IEnumerable<StepRecord> StepsOf(Plan plan) =>
        plan.Stages.SelectMany(stage =>
            stage.Steps.Select(step => new StepRecord
            {
                Id = step.Id,
                Stage = Text.SnakeCase(stage.Name),
                State = StepState.Pending,
            })
        );

    private Task<T> ReadAsync<T>(Func<MemoryState, T> read)
    {
        database.Answer();
        return Task.FromResult(read(database.State));
    }

    private Task CommitAsync(Func<MemoryState, MemoryState> write)
    {
        database.Answer();
        database.Commit(write);
        return Task.CompletedTask;
    }
}

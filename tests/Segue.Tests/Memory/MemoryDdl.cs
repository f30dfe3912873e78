using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>Short transactions in memory: statements and record are one commit.</summary>
internal sealed class MemoryDdl(MemoryDatabase database, MemoryLedger ledger) : IDdlAttempts
{
    public Task<IReadOnlyList<Blocker>> BlockersAsync(DdlStep step, CancellationToken cancel)
    {
        database.Answer();
        return Task.FromResult(BlockersOf(step));
    }

    public async Task<DdlAttempt> TryAsync(DdlCall call, CancellationToken cancel)
    {
        database.Answer();
        database.State.Fenced(call.Lease);
        TimeSpan waited = TimeSpan.Zero;
        if (BlockersOf(call.Step).Count > 0)
        {
            waited = TimeSpan.FromMilliseconds(call.Plan.Limits.LockTimeoutMs);
            await Task.Delay(waited, database.Time, cancel);
        }

        if (BlockersOf(call.Step) is { Count: > 0 } blockers)
        {
            return new DdlAttempt.NotObtained(blockers);
        }

        if (call.Step.Obstacle is { } obstacle && MemoryStatement.Ask(database.State, obstacle.Exists))
        {
            return new DdlAttempt.Obstructed();
        }

        if (
            database.State.OldWrites.Any(write =>
                write.Change == call.Plan.Change && write.Breaks && write.At > database.Time.GetUtcNow() - call.QuietFor
            )
        )
        {
            return new DdlAttempt.OldCodeWrote();
        }

        TimeSpan budget = TimeSpan.FromMilliseconds(call.Plan.Limits.HoldBudgetMs);
        TimeSpan held = database.Hold * call.Step.Statements.Count;
        await Task.Delay(held < budget ? held : budget, database.Time, cancel);
        if (held > budget)
        {
            return new DdlAttempt.OverBudget(budget);
        }

        if (call.Step.Commit == Commit.EachStatement)
        {
            database.Commit(state => MemoryStatement.Apply(state.Fenced(call.Lease), call.Step.Statements.Single()));
            return new DdlAttempt.Applied(waited, held);
        }

        database.Commit(state =>
        {
            state = call.Step.Statements.Aggregate(state.Fenced(call.Lease), MemoryStatement.Apply);
            state = ledger.WithRetention(state, call.Plan.Change, call.LedgerStep, call.Retention);
            state = ledger.WithStep(state, call.Plan.Change, call.LedgerStep, call.RecordAs, null);
            return MemoryLedger.WithSteps(
                state,
                call.Plan.Change,
                step => step.Id == call.LedgerStep ? step with { LockWait = waited, LockHold = held } : step
            );
        });
        return new DdlAttempt.Applied(waited, held);
    }

    private IReadOnlyList<Blocker> BlockersOf(DdlStep step) =>
        [
            .. step
                .Impact.Locks.Select(held => held.Relation)
                .Distinct()
                .Where(relation => database.HolderOf(relation) is not null)
                .Select(relation => new Blocker
                {
                    Session = "session 1",
                    Application = database.HolderOf(relation),
                    Transaction = database.HolderOf(relation),
                    Relation = relation,
                    Remedy = "release it",
                }),
        ];
}

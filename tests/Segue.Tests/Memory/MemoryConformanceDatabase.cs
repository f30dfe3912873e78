using Segue.Conformance;
using Segue.Execution;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>A database in memory, as the conformance tests of the kinds want it.</summary>
internal sealed class MemoryConformanceDatabase(MemoryTarget target) : IConformanceDatabase
{
    private MemoryState State => target.Database.State;

    public Task ExecuteAsync(string sql)
    {
        target.Database.Commit(state => After(state, sql));
        return Task.CompletedTask;
    }

    public Task<bool> AskAsync(string query) => Task.FromResult(MemoryStatement.Ask(State, query));

    public Task<DatabaseState> StateAsync() => Task.FromResult(Of(State));

    public Task<DatabaseState> StateAfterAsync(string sql) => Task.FromResult(Of(After(State, sql)));

    public async Task<Plan> PlannedAsync(string file)
    {
        await using MemoryEngine engine = target.Database.Open();
        return await engine.PlannedAsync(file);
    }

    public async Task<bool> ApplyAsync(string file, StageName? until = null)
    {
        RunOutcome outcome = await target.ApplyAsync(file, until);
        (outcome is RunOutcome.WaitingAtGate or RunOutcome.Completed or RunOutcome.StoppedAfter).ShouldBeTrue(
            outcome.ToString()
        );
        return outcome is RunOutcome.WaitingAtGate;
    }

    public async Task CompleteAsync()
    {
        await using MemoryEngine engine = target.Database.Open();
        RunOutcome outcome = await target.Runner(engine).CompleteAsync(SampleChanges.Name, default);
        outcome.ShouldBeOfType<RunOutcome.Completed>();
    }

    public async Task RollbackAsync()
    {
        await using MemoryEngine engine = target.Database.Open();
        RunOutcome outcome = await target.Runner(engine).RollbackAsync(SampleChanges.Name, default);
        outcome.ShouldBeOfType<RunOutcome.RolledBack>();
    }

    public Task<IReadOnlyList<string>> LeftoversAsync() => target.LeftoversAsync();

    public ValueTask DisposeAsync() => target.DisposeAsync();

    private static MemoryState After(MemoryState state, string statements) =>
        statements
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(state, MemoryStatement.Apply);

    private static DatabaseState Of(MemoryState state) =>
        new(MemoryDescription.SchemaOf(state), MemoryDescription.RowsOf(state));
}

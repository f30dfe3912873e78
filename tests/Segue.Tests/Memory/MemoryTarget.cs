using Segue.Conformance;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>Tests of every engine, on the one in memory.</summary>
internal sealed class MemoryHarness(Commit commits = Commit.WithRecord) : IEngineHarness
{
    public Task RunAsync(Func<IEngineTarget, Task> test)
    {
        VirtualTime.Run(time => test(new MemoryTarget(time, commits)));
        return Task.CompletedTask;
    }
}

internal sealed class MemoryTarget(TimeProvider time, Commit commits = Commit.WithRecord) : IEngineTarget
{
    private const string Items = "items";

    public MemoryDatabase Database { get; } = new(time, commits);

    public TimeProvider Time => time;

    public string Yes => "true question";

    public IEngine Open() => new MemoryEngine(Database);

    public IEngine OpenUnreachable() =>
        new MemoryEngine(new MemoryDatabase(time) { Signal = () => throw MemoryException.Lost() });

    public Task CreateItemsAsync(int rows) =>
        CommitAsync(state => MemoryStatement.Apply(state, $"create table {Items} {rows}"));

    public Task WriteAsync(long id, long amount)
    {
        Database.Write(Items, id, "amount", amount);
        return Task.CompletedTask;
    }

    public Task<long> WrongAsync() =>
        Task.FromResult(
            Database.State.Table(Items).Rows.Values.LongCount(row => row.Of("code") != row.Of("amount") * 2)
        );

    public Task<IReadOnlyList<string>> SchemaAsync() => Task.FromResult(MemoryDescription.SchemaOf(Database.State));

    public Task<IReadOnlyList<string>> LeftoversAsync() =>
        Task.FromResult<IReadOnlyList<string>>([
            .. Database.State.Tables.SelectMany(table => table.Value.Triggers.Keys),
        ]);

    public Task<IAsyncDisposable> HoldRowAsync(long id)
    {
        Database.RowHolders[(Items, id)] = "clerk";
        return Released(() => Database.RowHolders.Remove((Items, id)));
    }

    public Task<IAsyncDisposable> HoldTableAsync()
    {
        Database.TableHolders[Items] = "maintenance";
        return Released(() => Database.TableHolders.Remove(Items));
    }

    public Task RewriteAsync() =>
        CommitAsync(state => state.With(Items, table => table with { Generation = table.Generation + 1 }));

    public Task AlterEventAsync(long id)
    {
        Database.AlterEvent(id);
        return Task.CompletedTask;
    }

    public DdlStep HoldingLong(DdlStep step) =>
        step with
        {
            Statements = [.. Enumerable.Repeat(step.Statements[0], 10_000)],
        };

    public Exception ConnectionLost() => MemoryException.Lost();

    public Exception NoRoom() => new MemoryException(ErrorClass.Resources, "There is no room.");

    public Task EndSessionsAsync()
    {
        Database.EndSessions();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task CommitAsync(Func<MemoryState, MemoryState> work)
    {
        Database.Commit(work);
        return Task.CompletedTask;
    }

    private static Task<IAsyncDisposable> Released(Action release) =>
        Task.FromResult<IAsyncDisposable>(new Holding(release));

    private sealed class Holding(Action release) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            release();
            return ValueTask.CompletedTask;
        }
    }
}

using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Tests.Memory;

/// <summary>A run of one change on the engine in memory, and what it told.</summary>
internal sealed class MemoryRun
{
    private MemoryRun(VirtualTime time)
    {
        Time = time;
        Database = new MemoryDatabase(time);
    }

    public VirtualTime Time { get; }

    public MemoryDatabase Database { get; }

    public RunOptions Options { get; set; } = Sessions.Options;

    /// <summary>Called for each event; what it does is done before the runner goes on.</summary>
    public Action<RunEvent> Happened { get; set; } = _ => { };

    public List<RunEvent> Events { get; } = [];

    public IEnumerable<string> Notes => Events.OfType<RunEvent.Note>().Select(note => note.Message);

    public IEnumerable<string> Held => Events.OfType<RunEvent.Throttled>().Select(held => held.Reason).OfType<string>();

    public ChangeRecord Record => Database.State.Changes[SampleChanges.Name];

    public long Wrong =>
        Database.State.Table("items").Rows.Values.LongCount(row => row.Of("code") != row.Of("amount") * 2);

    /// <summary>A table with so many rows, in a time of its own.</summary>
    public static void Of(int rows, Func<MemoryRun, Task> test) =>
        VirtualTime.Run(time =>
        {
            MemoryRun run = new(time);
            run.Database.Commit(state => MemoryStatement.Apply(state, $"create table items {rows}"));
            return test(run);
        });

    public Task<RunOutcome> ApplyAsync(
        string file = SampleChanges.Column,
        StageName? until = null,
        CancellationToken cancel = default
    ) => WithAsync((runner, engine) => runner.ApplyAsync(engine, file, until, cancel: cancel));

    public Task<RunOutcome> CompleteAsync() =>
        WithAsync((runner, _) => runner.CompleteAsync(SampleChanges.Name, default));

    public Task<RunOutcome> CompleteAsync(CompleteRequest request) =>
        WithAsync((runner, _) => runner.CompleteAsync(SampleChanges.Name, request, contentHash: null, default));

    public Task<RunOutcome> RollbackAsync() =>
        WithAsync((runner, _) => runner.RollbackAsync(SampleChanges.Name, default));

    public async Task<RunOutcome> WithAsync(Func<Runner, IEngine, Task<RunOutcome>> work)
    {
        await using MemoryEngine engine = Database.Open();
        return await work(new Runner(engine, Options, Tell, Time), engine);
    }

    private void Tell(RunEvent happened)
    {
        Events.Add(happened);
        Happened(happened);
    }
}

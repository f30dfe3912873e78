using Segue.Conformance;
using Segue.Execution;
using Segue.Ledger;
using Segue.Projects;
using Segue.Settings;

namespace Segue.Tests.Memory;

/// <summary>The front door on the engine in memory: a directory of change files and a target.</summary>
internal sealed class MemoryDoor : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("segue-door").FullName;

    private MemoryDoor(VirtualTime time)
    {
        Time = time;
        Database = new MemoryDatabase(time);
        Database.Commit(state => MemoryStatement.Apply(state, "create table items 20"));
        Write(SampleChanges.Name, SampleChanges.Column);
        Project = SegueProject.Open(_directory, settings => settings with { Plan = Sessions.Staged }).OrThrow();
        Target = Open(new TargetOptions { Runner = "test", Time = time });
    }

    public VirtualTime Time { get; }

    public MemoryDatabase Database { get; }

    public SegueProject Project { get; }

    public SegueTarget Target { get; }

    public IEnumerable<LedgerEvent> Events => Database.State.Events;

    /// <summary>With a table of twenty rows and a change that adds a column to it.</summary>
    public static void Of(Func<MemoryDoor, Task> test) =>
        VirtualTime.Run(async time =>
        {
            using MemoryDoor door = new(time);
            await test(door);
        });

    public SegueTarget Open(TargetOptions options) => new(Project, Database.Open(), address: null, options);

    public string Write(string change, string text)
    {
        string path = Path.Combine(_directory, "changes", $"{change}.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public async Task<PlannedChange> PlannedAsync() => (await Target.PlanAsync(SampleChanges.Name)).OrThrow();

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}

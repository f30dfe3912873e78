using Segue.Conformance;
using Segue.Planning;

namespace Segue.Tests.Memory;

public sealed class MemoryLeaseTests() : LeaseConformance(new MemoryHarness());

public sealed class MemoryLedgerTests() : LedgerConformance(new MemoryHarness());

public sealed class MemoryRetentionTests() : RetentionConformance(new MemoryHarness());

public sealed class MemoryDdlTests() : DdlConformance(new MemoryHarness());

public sealed class SelfCommittingMemoryDdlTests() : DdlConformance(new MemoryHarness(Commit.EachStatement));

public sealed class MemoryOnlineTests() : OnlineConformance(new MemoryHarness());

public sealed class MemoryBatchTests() : BatchConformance(new MemoryHarness());

public sealed class MemoryVerifierTests() : VerifierConformance(new MemoryHarness());

public sealed class MemorySignalTests() : SignalConformance(new MemoryHarness());

public sealed class MemoryCrashTests() : CrashConformance(new MemoryHarness(), every: 1);

/// <summary>Statements without their record are found in the catalog, forward and back.</summary>
public sealed class SelfCommittingMemoryCrashTests()
    : CrashConformance(new MemoryHarness(Commit.EachStatement), every: 1);

public sealed class MemoryKindTests() : MemoryKindConformance(Commit.WithRecord);

public sealed class SelfCommittingMemoryKindTests() : MemoryKindConformance(Commit.EachStatement);

public abstract class MemoryKindConformance(Commit commits) : KindConformance
{
    protected override IDialect Dialect { get; } = new MemoryDialect();

    protected override bool IsQuick => true;

    protected override Task RunAsync(Func<IConformanceDatabase, Task> test)
    {
        VirtualTime.Run(time => test(new MemoryConformanceDatabase(new MemoryTarget(time, commits))));
        return Task.CompletedTask;
    }

    private sealed class MemoryDialect : IDialect
    {
        public string Table(string name, int rows) => $"create table {name} {rows}";

        public string AddColumn(string table, string column, string expression, bool isRequired) =>
            $"add column {table} {column}; fill {table} {column} = {expression};"
            + (isRequired ? $"require {table} {column}" : "");

        public string CreateIndex(string name, string table, string column, bool isUnique) =>
            $"create index {name} {table} {column}{(isUnique ? " unique" : "")}";
    }
}

using Xunit;

namespace Segue.Conformance;

/// <summary>Kinds that every engine has, in cases that every engine can do.</summary>
public abstract class KindConformance
{
    public static TheoryData<string> Cases => [.. PortableCases.Names];

    protected abstract IDialect Dialect { get; }

    /// <summary>Every stage of every case costs nothing.</summary>
    protected virtual bool IsQuick => false;

    /// <summary>Gives the test an empty database.</summary>
    protected abstract Task RunAsync(Func<IConformanceDatabase, Task> test);

    [Theory, MemberData(nameof(Cases))]
    public Task The_change_ends_as_plain_statements_do(string name) =>
        RunAsync(db => ChangeProtocols.EndsAsThePlainStatementsDoAsync(db, PortableCases.Of(name, Dialect), IsQuick));

    [Theory, MemberData(nameof(Cases))]
    public Task Rolls_back_from_every_stage(string name) =>
        RunAsync(db => ChangeProtocols.RollsBackFromEveryStageAsync(db, PortableCases.Of(name, Dialect), IsQuick));
}

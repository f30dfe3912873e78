using System.Data.Common;
using Segue.Engines;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>What cannot be seen may be hurting: a signal says go only when it has looked.</summary>
public abstract class SignalConformance(IEngineHarness harness)
{
    [Fact]
    public Task Every_signal_of_an_idle_server_says_go() =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(10);
            foreach (ISignal signal in SignalsOf(engine))
            {
                (await signal.ReadAsync(default)).StopReason.ShouldBeNull(signal.Name);
            }
        });

    [Fact]
    public Task No_signal_says_go_without_a_server() =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.OpenUnreachable();
            foreach (ISignal signal in SignalsOf(engine))
            {
                Exception error = await Should.ThrowAsync<Exception>(() => signal.ReadAsync(default));
                (error is DbException or IOException).ShouldBeTrue($"{signal.Name}: {error}");
                engine.Execution.Describe(error).ShouldNotBeEmpty();
            }
        });

    private static ISignal[] SignalsOf(IEngine engine) =>
        [.. engine.Execution.Signals(["items"]), engine.Execution.Activity, .. engine.Execution.Room(["items"])];
}

using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Running;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>Several runs of one process through the same engine, as a server starts them for its users.</summary>
public class OneEngineTests
{
    [Fact]
    public void A_second_run_through_the_same_engine_finds_another_runner() =>
        MemoryRun.Of(
            100,
            async run =>
            {
                await using MemoryEngine engine = run.Database.Open();
                Task<RunOutcome>? second = null;
                Runner first = new(engine, run.Options, TryToRollBack, run.Time);

                (await first.ApplyAsync(engine, SampleChanges.Column)).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                (await second!).ShouldBeOfType<RunOutcome.AnotherRunner>().Holder.Runner.ShouldBe(run.Options.Runner);
                (await first.RollbackAsync(SampleChanges.Name, default)).ShouldBeOfType<RunOutcome.RolledBack>();

                void TryToRollBack(RunEvent happened) =>
                    second ??=
                        happened is RunEvent.StageStarted
                            ? new Runner(engine, run.Options, _ => { }, run.Time).RollbackAsync(
                                SampleChanges.Name,
                                default
                            )
                            : null;
            }
        );

    [Fact]
    public void A_run_that_is_cancelled_while_another_holds_the_lease_is_interrupted() =>
        MemoryRun.Of(
            100,
            async run =>
            {
                await using MemoryEngine other = run.Database.Open();
                await ((IEngine)other).AcquireAsync();
                using CancellationTokenSource cancel = new();
                await cancel.CancelAsync();

                (await run.ApplyAsync(cancel: cancel.Token)).ShouldBeOfType<RunOutcome.Interrupted>();
            }
        );
}

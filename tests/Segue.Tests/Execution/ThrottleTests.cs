using Segue.Engines;
using Segue.Execution;
using Segue.Planning;
using Segue.Running;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>The fill listens: it stops while a signal says stop, and rests beside an app.</summary>
public class ThrottleTests
{
    [Fact]
    public void A_stop_signal_pauses_the_fill_and_the_reason_is_reported() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                DateTimeOffset until = run.Time.GetUtcNow() + TimeSpan.FromMinutes(5);
                run.Database.Signal = () =>
                    run.Time.GetUtcNow() < until ? Reading.Stop("A replica is behind.") : Reading.Go;
                string? told = null;
                run.Happened = happened =>
                    told ??=
                        happened is RunEvent.StepStarted
                            ? null
                            : run
                                .Database.State.Changes.Values.Select(record => record.ThrottleReason)
                                .FirstOrDefault(reason => reason is not null);

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                run.Time.GetUtcNow().ShouldBeGreaterThan(until);
                run.Held.ShouldBe(["A replica is behind."]);
                run.Record.ThrottleReason.ShouldBeNull();
                run.Wrong.ShouldBe(0);
            }
        );

    [Fact]
    public void A_signal_that_cannot_be_read_counts_as_stop() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                DateTimeOffset until = run.Time.GetUtcNow() + TimeSpan.FromMinutes(5);
                run.Database.Signal = () => run.Time.GetUtcNow() < until ? throw MemoryException.Lost() : Reading.Go;

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                run.Time.GetUtcNow().ShouldBeGreaterThan(until);
                run.Held.ShouldAllBe(held => held.Contains("the signal cannot be read"));
            }
        );

    [Theory]
    [InlineData(0.33, 1.8)]
    [InlineData(0.1, 4)]
    public void The_throttle_works_only_its_share_of_the_time_while_an_app_is_active(double share, double times) =>
        MemoryRun.Of(
            20_000,
            async run =>
            {
                run.Options = run.Options with { DutyCycle = share };
                TimeSpan idle = await TimeOfAsync(run);
                (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();
                run.Database.Signal = () => Reading.AtWork;

                (await TimeOfAsync(run)).ShouldBeGreaterThan(idle * times);
            }
        );

    [Fact]
    public void An_index_build_is_cancelled_and_cleared_before_the_disk_is_full() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                DateTimeOffset full = run.Time.GetUtcNow() + TimeSpan.FromSeconds(10);
                run.Database.Signal = () =>
                    run.Time.GetUtcNow() < full ? Reading.Go : Reading.Stop("The disk is full.");

                RunOutcome.Failed failed = (
                    await run.ApplyAsync(Conformance.SampleChanges.Index)
                ).ShouldBeOfType<RunOutcome.Failed>();

                failed.Message.ShouldContain("The disk is full. Its leftovers were removed.");
                run.Database.State.Table("items").Indexes.ShouldBeEmpty();
            }
        );

    private static async Task<TimeSpan> TimeOfAsync(MemoryRun run)
    {
        DateTimeOffset began = run.Time.GetUtcNow();
        (await run.ApplyAsync(until: StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        return run.Time.GetUtcNow() - began;
    }
}

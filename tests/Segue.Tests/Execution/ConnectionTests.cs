using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Running;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>Lost connections, silent servers, leases that are lost: a run goes on, or says why not.</summary>
public class ConnectionTests
{
    [Fact]
    public void A_short_server_outage_only_delays_the_run() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                AwayOnceFilling(run, TimeSpan.FromSeconds(20));

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                run.Notes.ShouldContain(note => note.Contains("Trying again in"));
                run.Wrong.ShouldBe(0);
            }
        );

    [Fact]
    public void A_lasting_server_outage_ends_the_run_and_apply_resumes_later() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                AwayOnceFilling(run, TimeSpan.FromMinutes(10));
                DateTimeOffset began = run.Time.GetUtcNow();

                (await run.ApplyAsync())
                    .ShouldBeOfType<RunOutcome.Failed>()
                    .Message.ShouldContain("The connection was lost.");

                (run.Time.GetUtcNow() - began).ShouldBeInRange(
                    run.Options.Reconnect,
                    run.Options.Reconnect + TimeSpan.FromSeconds(30)
                );
                await Task.Delay(TimeSpan.FromMinutes(15), run.Time);
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                run.Wrong.ShouldBe(0);
            }
        );

    [Fact]
    public void A_statement_that_the_server_rolls_back_is_retried_twenty_times() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                int tries = 0;
                run.Happened = happened =>
                {
                    if (happened is RunEvent.StepStarted && tries == 0)
                    {
                        run.Database.Called = () => throw Counted();
                    }
                };

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("deadlock");

                run.Notes.Count(note => note.Contains("Trying again")).ShouldBe(20);

                MemoryException Counted()
                {
                    tries++;
                    return new MemoryException(ErrorClass.Retry, "A deadlock was detected.");
                }
            }
        );

    [Fact]
    public void A_silent_server_is_reported_while_the_run_waits_for_it() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                DateTimeOffset until = default;
                run.Database.Build = TimeSpan.FromMinutes(2);
                run.Happened = happened =>
                {
                    if (happened is RunEvent.OnlineProgressed && until == default)
                    {
                        until = run.Time.GetUtcNow() + TimeSpan.FromMinutes(1);
                        run.Database.Called = () =>
                        {
                            if (run.Time.GetUtcNow() < until)
                            {
                                throw MemoryException.Lost();
                            }
                        };
                    }
                };

                (await run.ApplyAsync(Conformance.SampleChanges.Index)).ShouldBeOfType<RunOutcome.Completed>();

                run.Notes.Count(note => note.Contains("has not answered for")).ShouldBe(1);
                run.Notes.ShouldContain("The server answers again.");
            }
        );

    [Fact]
    public void A_runner_that_lost_its_lease_stops_and_names_the_new_holder() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                await using MemoryEngine other = run.Database.Open();
                OnceFilling(run, () => TakeOver(run, other, "colleague"));

                RunOutcome outcome = await run.ApplyAsync();

                outcome.ShouldBeOfType<RunOutcome.AnotherRunner>().Holder.Runner.ShouldBe("colleague");
                run.Wrong.ShouldBeGreaterThan(0);
                await other.Leases.ReleaseAsync(new Lease(run.Database.State.Lease!.Token), default);
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                run.Wrong.ShouldBe(0);
            }
        );

    [Fact]
    public void A_database_restored_to_an_earlier_state_is_reported_and_nothing_is_begun_again() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                MemoryState older = MemoryState.Empty;
                run.Happened = happened =>
                {
                    if (happened is RunEvent.StageStarted { Stage: "expand" })
                    {
                        older = run.Database.State;
                    }
                };
                OnceFilling(
                    run,
                    () =>
                    {
                        run.Database.State = older;
                        run.Database.EndSessions();
                    }
                );

                RunOutcome.Forgotten forgotten = (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.Forgotten>();

                forgotten.Message.ShouldContain("no longer contains what this runner had written");
                run.Database.State.Table("items").Columns.ShouldBe(["amount"]);
            }
        );

    [Fact]
    public void An_interrupted_run_is_recorded_and_resumes_where_it_stopped() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                using CancellationTokenSource interrupt = new();
                OnceFilling(run, interrupt.Cancel);

                (await run.ApplyAsync(cancel: interrupt.Token)).ShouldBeOfType<RunOutcome.Interrupted>();

                run.Record.Status.ShouldBe(ChangeStatus.Interrupted);
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                run.Events.OfType<RunEvent.Filled>().Last().Progress.Rows.ShouldBe(5000);
            }
        );

    private static void OnceFilling(MemoryRun run, Action then)
    {
        Action<RunEvent> before = run.Happened;
        bool done = false;
        run.Happened = happened =>
        {
            before(happened);
            if (happened is RunEvent.Filled && !done)
            {
                done = true;
                then();
            }
        };
    }

    private static void AwayOnceFilling(MemoryRun run, TimeSpan away) =>
        OnceFilling(
            run,
            () =>
            {
                DateTimeOffset back = run.Time.GetUtcNow() + away;
                run.Database.Called = () =>
                {
                    if (run.Time.GetUtcNow() < back)
                    {
                        throw MemoryException.Lost();
                    }
                };
            }
        );

    private static void TakeOver(MemoryRun run, MemoryEngine other, string runner)
    {
        run.Database.Commit(state => state with { Lease = null });
        other.Leases.TryAcquireAsync(runner, TimeSpan.FromMinutes(1), default).IsCompleted.ShouldBeTrue();
    }
}

using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>A long statement belongs to the server: it is found, ended and cleared by whoever comes next.</summary>
public abstract class OnlineConformance(IEngineHarness harness)
{
    [Fact]
    public Task Explain_prints_the_effect_of_a_statement() =>
        RunAsync(
            async (target, engine, call, step) =>
            {
                await engine.Execution.Online.RunAsync(call, Unwatched, default);

                (await engine.Execution.Questions.AskAsync(step.Applied!, default)).ShouldBeTrue();
                (await engine.Execution.Online.IsRunningAsync(step.Statement, default)).ShouldBeFalse();
            }
        );

    [Fact]
    public Task A_runner_that_lost_its_lease_begins_nothing() =>
        RunAsync(
            async (target, engine, call, step) =>
            {
                OnlineCall late = call with { Lease = new Lease(call.Lease.Token + 1) };

                await engine.ShouldBeFencedAsync(() => engine.Execution.Online.RunAsync(late, Unwatched, default));

                (await engine.Execution.Questions.AskAsync(step.Applied!, default)).ShouldBeFalse();
                (await engine.Execution.Questions.AskAsync(step.Residue!.Exists, default)).ShouldBeFalse();
            }
        );

    [Fact]
    public Task Another_session_sees_a_running_statement_and_cancels_it() =>
        RunAsync(
            async (target, engine, call, step) =>
            {
                await using IAsyncDisposable app = await target.HoldRowAsync(1);
                await using IEngine other = target.Open();
                Task running = engine.Execution.Online.RunAsync(call, Unwatched, default);
                await target.UntilAsync(
                    "it runs",
                    () => other.Execution.Online.IsRunningAsync(step.Statement, default)
                );

                await other.Execution.Online.CancelAsync(step.Statement, default);

                await Should.ThrowAsync<Exception>(running);
                await target.UntilAsync(
                    "it ends",
                    async () => !await other.Execution.Online.IsRunningAsync(step.Statement, default)
                );
                (await other.Execution.Questions.AskAsync(step.Applied!, default)).ShouldBeFalse();
            }
        );

    [Fact]
    public Task The_leftover_of_an_ended_statement_is_found_and_cleared() =>
        RunAsync(
            async (target, engine, call, step) =>
            {
                await using (await target.HoldRowAsync(1))
                {
                    Task running = engine.Execution.Online.RunAsync(call, Unwatched, default);
                    await target.UntilAsync(
                        "something of it is there",
                        () => engine.Execution.Questions.AskAsync(step.Residue!.Exists, default)
                    );
                    await engine.Execution.Online.CancelAsync(step.Statement, default);
                    await Should.ThrowAsync<Exception>(running);
                }

                (await engine.Execution.Questions.AskAsync(step.Residue!.Exists, default)).ShouldBeTrue();
                await engine.Execution.Online.RunAsync(
                    call with
                    {
                        Statement = step.Residue.Clear,
                    },
                    Unwatched,
                    default
                );
                (await engine.Execution.Questions.AskAsync(step.Residue.Exists, default)).ShouldBeFalse();
            }
        );

    [Fact]
    public Task A_statement_that_a_dead_runner_left_is_waited_for() =>
        RunAsync(
            async (target, engine, call, step) =>
            {
                await using IEngine next = target.Open();
                Task running;
                await using (await target.HoldRowAsync(1))
                {
                    running = engine.Execution.Online.RunAsync(call, Unwatched, default);
                    await target.UntilAsync(
                        "it runs",
                        () => next.Execution.Online.IsRunningAsync(step.Statement, default)
                    );
                }

                await engine.Records.Leases.ReleaseAsync(call.Lease, default);
                List<string> notes = [];
                RunOutcome outcome = await target
                    .Runner(next, told => notes.Add(told.ToString()))
                    .ApplyAsync(next, SampleChanges.Index);

                outcome.ShouldBeOfType<RunOutcome.Completed>();
                await running;
            }
        );

    [Fact]
    public Task Violating_rows_fail_the_step_without_leftovers() =>
        harness.RunAsync(async target =>
        {
            await target.CreateItemsAsync(10);
            await target.WriteAsync(1, 2);
            IReadOnlyList<string> before = await target.SchemaAsync();

            (await target.ApplyAsync(SampleChanges.UniqueIndex)).ShouldBeOfType<RunOutcome.Failed>();

            (await target.SchemaAsync()).ShouldBe(before);
            await target.WriteAsync(1, 1);
            (await target.ApplyAsync(SampleChanges.UniqueIndex)).ShouldBeOfType<RunOutcome.Completed>();
        });

    private static OnlineWatch Unwatched { get; } = new(null, _ => { });

    private Task RunAsync(Func<IEngineTarget, IEngine, OnlineCall, OnlineStep, Task> test) =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(10);
            Lease lease = await engine.AcquireAsync();
            Plan plan = await engine.BegunAsync(SampleChanges.Index, lease);
            OnlineStep step = plan.Steps().OfType<OnlineStep>().First();
            await test(target, engine, new OnlineCall(plan, step.Statement, lease), step);
        });
}

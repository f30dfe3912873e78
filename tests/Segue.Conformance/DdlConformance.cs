using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>A short transaction happens with its record or not at all, and is never in an app's way for long.</summary>
public abstract class DdlConformance(IEngineHarness harness)
{
    [Fact]
    public Task A_step_is_applied_and_its_record_commits_with_it_where_the_plan_says_so() =>
        RunAsync(
            async (target, engine, call) =>
            {
                (await engine.Execution.Ddl.TryAsync(call, default)).ShouldBeOfType<DdlAttempt.Applied>();

                (await engine.Execution.Questions.AskAsync(call.Step.Applied!, default)).ShouldBeTrue();
                (await engine.Records.Ledger.StepsAsync(call.Plan.Change, default))[0]
                    .State.ShouldBe(call.Step.RecordCommitsWithIt ? StepState.Done : StepState.Pending);
            }
        );

    /// <summary>A runner may die between a statement that commits by itself and its record.</summary>
    [Fact]
    public Task The_catalog_shows_every_step_whose_record_does_not_commit_with_it() =>
        RunAsync(
            (_, _, call) =>
            {
                call.Plan.Steps().OfType<DdlStep>().ShouldAllBe(step => step.CanBeResumed);
                return Task.CompletedTask;
            }
        );

    [Fact]
    public Task A_lock_timeout_changes_nothing_and_names_the_holder() =>
        RunAsync(
            async (target, engine, call) =>
            {
                await using (await target.HoldTableAsync())
                {
                    DdlAttempt.NotObtained attempt = (
                        await engine.Execution.Ddl.TryAsync(call, default)
                    ).ShouldBeOfType<DdlAttempt.NotObtained>();
                    attempt.Blockers.ShouldNotBeEmpty();
                    await ShouldBeUntouchedAsync(engine, call);
                }

                (await engine.Execution.Ddl.TryAsync(call, default)).ShouldBeOfType<DdlAttempt.Applied>();
            }
        );

    [Fact]
    public Task Statements_that_exceed_the_hold_budget_change_nothing() =>
        RunAsync(
            async (target, engine, call) =>
            {
                DdlCall slow = call with
                {
                    Plan = call.Plan with { Limits = Limits.Default },
                    Step = target.HoldingLong(call.Step),
                };

                DdlAttempt.OverBudget over = (
                    await engine.Execution.Ddl.TryAsync(slow, default)
                ).ShouldBeOfType<DdlAttempt.OverBudget>();

                // All of them would take much longer.
                over.Held.ShouldBeInRange(
                    TimeSpan.FromMilliseconds(slow.Plan.Limits.HoldBudgetMs - 50),
                    TimeSpan.FromSeconds(10)
                );

                await ShouldBeUntouchedAsync(engine, call);
            }
        );

    [Fact]
    public Task An_obstacle_found_under_the_locks_changes_nothing() =>
        RunAsync(
            async (target, engine, call) =>
            {
                DdlCall obstructed = call with
                {
                    Step = call.Step with { Obstacle = new Obstacle(target.Yes, "something is there: remove it") },
                };

                (await engine.Execution.Ddl.TryAsync(obstructed, default)).ShouldBeOfType<DdlAttempt.Obstructed>();

                await ShouldBeUntouchedAsync(engine, call);
            }
        );

    [Fact]
    public Task A_runner_that_lost_its_lease_changes_nothing() =>
        RunAsync(
            async (target, engine, call) =>
            {
                DdlCall late = call with { Lease = new Lease(call.Lease.Token + 1) };

                await engine.ShouldBeFencedAsync(() => engine.Execution.Ddl.TryAsync(late, default));

                await ShouldBeUntouchedAsync(engine, call);
            }
        );

    private static async Task ShouldBeUntouchedAsync(IEngine engine, DdlCall call)
    {
        (await engine.Execution.Questions.AskAsync(call.Step.Applied!, default)).ShouldBeFalse();
        (await engine.Records.Ledger.StepsAsync(call.Plan.Change, default))[0].State.ShouldBe(StepState.Pending);
    }

    private Task RunAsync(Func<IEngineTarget, IEngine, DdlCall, Task> test) =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(10);
            Lease lease = await engine.AcquireAsync();
            Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);
            DdlStep step = plan.Steps().First().ShouldBeOfType<DdlStep>();
            await test(target, engine, new DdlCall(plan, step, lease, step.Id, StepState.Done));
        });
}

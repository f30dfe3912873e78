using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>The memory of what happened: complete, append-only, and written by the holder of the lease alone.</summary>
public abstract class LedgerConformance(IEngineHarness harness)
{
    [Fact]
    public Task The_ledger_is_created_once_and_found_later() =>
        RunAsync(
            async (target, engine) =>
            {
                (await engine.Records.Ledger.ExistsAsync(default)).ShouldBeFalse();
                await engine.Records.Ledger.EnsureAsync(default);
                await engine.Records.Ledger.EnsureAsync(default);
                (await engine.Records.Ledger.ExistsAsync(default)).ShouldBeTrue();
                (await engine.Records.Ledger.FindAsync("unknown", default)).ShouldBeNull();
            }
        );

    [Fact]
    public Task A_change_begins_with_its_plan_and_every_step_pending() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                Plan plan = await engine.BegunAsync(SampleChanges.Column, await engine.AcquireAsync());

                ChangeRecord record = (await engine.Records.Ledger.FindAsync(plan.Change, default))!;
                (record.Status, record.PlanHash).ShouldBe((ChangeStatus.Pending, PlanJson.Hash(plan)));
                PlanJson.Hash(await engine.Records.Ledger.PlanAsync(plan.Change, default)).ShouldBe(record.PlanHash);
                IReadOnlyList<StepRecord> steps = await engine.Records.Ledger.StepsAsync(plan.Change, default);
                steps.Select(step => step.Id).ShouldBe(plan.Steps().Select(step => step.Id));
                steps.ShouldAllBe(step => step.State == StepState.Pending);
            }
        );

    [Fact]
    public Task The_record_of_a_step_holds_attempts_end_and_error() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                Lease lease = await engine.AcquireAsync();
                Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);
                string id = plan.Steps().First().Id;

                await engine.Records.Ledger.SetStepAsync(plan.Change, id, StepState.Running, null, lease, default);
                await engine.Records.Ledger.SetStatusAsync(plan.Change, Failed("no room"), lease, default);
                StepRecord failed = await FirstStepAsync(engine);
                (failed.State, failed.Error, failed.Attempts).ShouldBe((StepState.Failed, "no room", 1));

                await engine.Records.Ledger.SetStepAsync(plan.Change, id, StepState.Running, null, lease, default);
                await engine.Records.Ledger.SetStepAsync(plan.Change, id, StepState.Done, null, lease, default);
                StepRecord done = await FirstStepAsync(engine);
                (done.State, done.Error, done.Attempts).ShouldBe((StepState.Done, null, 2));
                // The time between the attempts, when nobody ran, is not the step's.
                done.StartedAt!.Value.ShouldBeGreaterThanOrEqualTo(failed.EndedAt!.Value);
                done.EndedAt.ShouldNotBeNull();
            }
        );

    [Fact]
    public Task A_change_begun_again_after_a_rollback_starts_with_clean_records() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                Lease lease = await engine.AcquireAsync();
                Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);
                await engine.Records.Ledger.SetStepAsync(
                    plan.Change,
                    plan.Steps().First().Id,
                    StepState.Done,
                    null,
                    lease,
                    default
                );
                await engine.Records.Ledger.SetStatusAsync(
                    plan.Change,
                    new ChangeProgress(ChangeStatus.RolledBack) { Error = "x" },
                    lease,
                    default
                );

                await engine.Records.Ledger.BeginAsync(plan, Sessions.Origin, lease, default);

                ChangeRecord record = (await engine.Records.Ledger.FindAsync(plan.Change, default))!;
                (record.Status, record.Error).ShouldBe((ChangeStatus.Pending, null));
                (await FirstStepAsync(engine)).State.ShouldBe(StepState.Pending);
            }
        );

    [Fact]
    public Task A_runner_that_lost_its_lease_writes_nothing() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                Lease lease = await engine.AcquireAsync();
                Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);
                Lease lost = new(lease.Token + 1);
                ILedger ledger = engine.Records.Ledger;
                string step = plan.Steps().First().Id;

                foreach (
                    Func<Task> write in (Func<Task>[])
                        [
                            () => ledger.BeginAsync(plan, Sessions.Origin, lost, default),
                            () => ledger.SetStatusAsync(plan.Change, Failed("lost"), lost, default),
                            () => ledger.SetStepAsync(plan.Change, step, StepState.Done, null, lost, default),
                            () => ledger.SetThrottleAsync(plan.Change, "lost", lost, default),
                            () => ledger.MendStepsAsync(plan, new HashSet<string>(), lost, default),
                        ]
                )
                {
                    await engine.ShouldBeFencedAsync(write);
                }

                ChangeRecord record = (await ledger.FindAsync(plan.Change, default))!;
                (record.Status, record.Error, record.ThrottleReason).ShouldBe((ChangeStatus.Pending, null, null));
                (await FirstStepAsync(engine)).State.ShouldBe(StepState.Pending);
            }
        );

    [Fact]
    public Task An_alteration_of_the_chain_of_events_is_detected() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                Lease lease = await engine.AcquireAsync();
                Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);
                await engine.Records.Ledger.SetStatusAsync(plan.Change, Failed("first"), lease, default);
                await engine.Records.Ledger.SetStatusAsync(plan.Change, Failed("second"), lease, default);

                IReadOnlyList<LedgerEvent> events = await engine.Records.Ledger.EventsAsync(plan.Change, 100, default);
                events.Select(line => line.Id).ShouldBeInOrder();
                events.Select(line => line.Hash).Distinct().Count().ShouldBe(events.Count);
                events.TakeLast(2).Select(line => line.Message).ShouldBe(["first", "second"]);
                (await engine.Records.Ledger.EventsAsync(plan.Change, 1, default))
                    .ShouldHaveSingleItem()
                    .Message.ShouldBe("second");
                EventChain.FirstBroken(await AllEventsAsync(engine)).ShouldBeNull();
                await target.AlterEventAsync(events[0].Id);
                EventChain.FirstBroken(await AllEventsAsync(engine)).ShouldNotBeNull().Id.ShouldBe(events[0].Id);
            }
        );

    [Fact]
    public Task Events_can_be_followed_page_by_page_and_none_is_missed() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                ILedger ledger = engine.Records.Ledger;
                Plan plan = await engine.BegunAsync(SampleChanges.Column, await engine.AcquireAsync());
                await ledger.AppendAsync(null, "note", "about no change", default);
                await ledger.AppendAsync(plan.Change, "note", "about the change", default);

                List<LedgerEvent> followed = [];
                while (await ledger.EventsAsync(null, followed.LastOrDefault()?.Id ?? 0, 1, default) is [var next])
                {
                    followed.Add(next);
                }

                followed.ShouldBe(await AllEventsAsync(engine));
                followed.Select(line => line.Message).TakeLast(2).ShouldBe(["about no change", "about the change"]);
                (await ledger.EventsAsync(plan.Change, followed[^2].Id - 1, 10, default)).ShouldBe([followed[^1]]);
                (await ledger.EventsAsync(null, followed[^1].Id, 10, default)).ShouldBeEmpty();
            }
        );

    [Fact]
    public Task A_pause_requested_by_one_session_is_seen_by_all_others() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                Plan plan = await engine.BegunAsync(SampleChanges.Column, await engine.AcquireAsync());
                await using IEngine other = target.Open();

                await other.Records.Ledger.RequestPauseAsync(plan.Change, true, "by alice", default);
                (await engine.Records.Ledger.FindAsync(plan.Change, default))!.PauseRequested.ShouldBeTrue();
                await other.Records.Ledger.RequestPauseAsync(plan.Change, false, "by bob", default);
                (await engine.Records.Ledger.FindAsync(plan.Change, default))!.PauseRequested.ShouldBeFalse();
                (await engine.Records.Ledger.EventsAsync(plan.Change, 2, default))
                    .Select(line => (line.Kind, line.Message))
                    .ShouldBe([("pause_requested", "by alice"), ("resume_requested", "by bob")]);
            }
        );

    [Fact]
    public Task A_running_change_without_a_runner_is_reported() =>
        RunAsync(
            async (target, engine) =>
            {
                await target.CreateItemsAsync(10);
                Lease lease = await engine.AcquireAsync();
                Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);
                await engine.Records.Ledger.SetStatusAsync(
                    plan.Change,
                    new ChangeProgress(ChangeStatus.Running),
                    lease,
                    default
                );
                (await engine.Records.Ledger.FindAsync(plan.Change, default))!.RunnerIsGone.ShouldBeFalse();

                await engine.Records.Leases.ReleaseAsync(lease, default);

                (await engine.Records.Ledger.FindAsync(plan.Change, default))!.RunnerIsGone.ShouldBeTrue();
                (await engine.Records.Ledger.ForgottenAsync(default)).ShouldBeNull();
            }
        );

    private Task RunAsync(Func<IEngineTarget, IEngine, Task> test) =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await test(target, engine);
        });

    private static Task<IReadOnlyList<LedgerEvent>> AllEventsAsync(IEngine engine) =>
        engine.Records.Ledger.EventsAsync(null, afterId: 0, limit: 1_000, default);

    private static ChangeProgress Failed(string error) => new(ChangeStatus.Failed) { Error = error };

    private static async Task<StepRecord> FirstStepAsync(IEngine engine) =>
        (await engine.Records.Ledger.StepsAsync(SampleChanges.Name, default))[0];
}

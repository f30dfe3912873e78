using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>The ledger's record of what a change dropped and keeps: until when, and what became of it.</summary>
public abstract class RetentionConformance(IEngineHarness harness)
{
    [Fact]
    public Task A_retained_table_is_listed_with_the_end_of_its_time() =>
        RunAsync(
            async (ledger, keep) =>
            {
                await keep(RetentionState.Kept, 3600);
                await keep(RetentionState.Kept, 3600);

                RetainedRecord kept = (await ledger.RetainedAsync(default)).ShouldHaveSingleItem();
                (kept.What, kept.Relation, kept.IsOver).ShouldBe(("public.items", "kept.items", false));
                (kept.Until - kept.Since).ShouldBeInRange(TimeSpan.FromSeconds(3590), TimeSpan.FromSeconds(3610));
            }
        );

    [Fact]
    public Task A_table_retained_for_no_time_may_be_purged_at_once() =>
        RunAsync(
            async (ledger, keep) =>
            {
                await keep(RetentionState.Kept, 0);

                (await ledger.RetainedAsync(default)).ShouldHaveSingleItem().IsOver.ShouldBeTrue();
            }
        );

    [Fact]
    public Task A_restored_or_purged_table_is_not_listed_and_may_be_recorded_twice() =>
        RunAsync(
            async (ledger, keep) =>
            {
                foreach (RetentionState end in new[] { RetentionState.Purged, RetentionState.Restored })
                {
                    await keep(RetentionState.Kept, 3600);
                    await keep(end, 3600);
                    await keep(end, 3600);
                    (await ledger.RetainedAsync(default)).ShouldBeEmpty();
                }

                await keep(RetentionState.Kept, 3600);
                (await ledger.RetainedAsync(default)).Count.ShouldBe(1);
            }
        );

    [Fact]
    public Task A_runner_that_lost_its_lease_records_nothing() =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(1);
            Lease lease = await engine.AcquireAsync();
            Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);

            await engine.ShouldBeFencedAsync(() =>
                RecordAsync(engine, plan, new Lease(lease.Token + 1), RetentionState.Kept, 3600)
            );

            (await engine.Records.Ledger.RetainedAsync(default)).ShouldBeEmpty();
        });

    private Task RunAsync(Func<ILedgerReader, Func<RetentionState, long, Task>, Task> test) =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(1);
            Lease lease = await engine.AcquireAsync();
            Plan plan = await engine.BegunAsync(SampleChanges.Column, lease);
            await test(engine.Records.Ledger, (state, seconds) => RecordAsync(engine, plan, lease, state, seconds));
        });

    private static Task RecordAsync(IEngine engine, Plan plan, Lease lease, RetentionState state, long seconds)
    {
        Step step = plan.Steps().First();
        Retention kept = new()
        {
            What = "public.items",
            Relation = "kept.items",
            Seconds = seconds,
            Purge = step,
        };
        return engine.Records.Ledger.SetRetentionAsync(
            plan.Change,
            step.Id,
            new RetentionEntry(kept, state),
            lease,
            default
        );
    }
}

using Segue.Conformance;
using Segue.Execution;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>A table is dropped behind a gate and kept for two days.</summary>
public class DroppedTableTests
{
    [Fact]
    public void A_dropped_table_is_kept_and_a_rollback_after_completion_restores_it() =>
        Run(async run =>
        {
            (await run.ApplyAsync(SampleChanges.Drop)).ShouldBeOfType<RunOutcome.WaitingAtGate>();
            Tables(run).ShouldBe(["items"]);
            (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
            Tables(run).ShouldBe(["kept_items"]);

            (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();

            Tables(run).ShouldBe(["items"]);
            run.Database.State.Table("items").Rows.Count.ShouldBe(10);
            run.Database.State.Retained.ShouldBeEmpty();
        });

    [Fact]
    public void A_dropped_table_is_purged_after_its_time_and_cannot_be_restored_then() =>
        Run(async run =>
        {
            await run.ApplyAsync(SampleChanges.Drop);
            await run.CompleteAsync();
            await Task.Delay(TimeSpan.FromDays(1), run.Time);
            (await PurgeAsync(run)).ShouldBeOfType<RunOutcome.Refused>();
            await Task.Delay(TimeSpan.FromDays(1), run.Time);

            (await PurgeAsync(run)).ShouldBeOfType<RunOutcome.Purged>().Dropped.ShouldBe(["items"]);

            Tables(run).ShouldBeEmpty();
            (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.Refused>();
        });

    [Fact]
    public void An_obstacle_stops_the_step_and_changes_nothing_until_it_is_gone() =>
        Run(async run =>
        {
            await run.ApplyAsync(SampleChanges.Drop);
            run.Database.Commit(state => MemoryStatement.Apply(state, "create table kept_items 1"));

            RunOutcome.Failed failed = (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>();

            failed.Message.ShouldContain("a table kept_items exists already: rename it");
            Tables(run).ShouldBe(["items", "kept_items"]);
            run.Database.State.Retained.ShouldBeEmpty();

            run.Database.Commit(state => MemoryStatement.Apply(state, "move table kept_items others"));
            (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
            Tables(run).ShouldBe(["kept_items", "others"]);
        });

    [Fact]
    public void A_new_table_of_the_old_name_prevents_the_rollback_and_is_kept() =>
        Run(async run =>
        {
            await run.ApplyAsync(SampleChanges.Drop);
            await run.CompleteAsync();
            run.Database.Commit(state => MemoryStatement.Apply(state, "create table items 1"));

            RunOutcome.Refused refused = (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.Refused>();

            refused.Problems[0].What.ShouldContain("another table has its name");
            run.Database.State.Table("items").Rows.Count.ShouldBe(1);
        });

    private static void Run(Func<MemoryRun, Task> test) => MemoryRun.Of(10, test);

    private static IEnumerable<string> Tables(MemoryRun run) => run.Database.State.Tables.Keys;

    private static Task<RunOutcome> PurgeAsync(MemoryRun run) =>
        run.WithAsync((runner, _) => runner.PurgeAsync(SampleChanges.Name, now: false, default));
}

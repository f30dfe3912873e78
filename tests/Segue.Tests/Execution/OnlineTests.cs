using Segue.Conformance;
using Segue.Execution;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>Long statements: what prevents them, and the deadline of them and of the removal of leftovers.</summary>
public class OnlineTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(1);

    [Fact]
    public void Leftovers_that_cannot_be_removed_before_the_deadline_are_reported_and_removed_by_the_next_run() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                run.Options = run.Options with { OnlineDeadline = Deadline };

                // The build and the drop of what it leaves wait for the same old transaction.
                run.Database.Build = Deadline * 3;
                DateTimeOffset began = run.Time.GetUtcNow();

                RunOutcome.Failed failed = (
                    await run.ApplyAsync(SampleChanges.Index)
                ).ShouldBeOfType<RunOutcome.Failed>();

                failed.Message.ShouldContain("it did not end within 1.0 h.");
                failed.Message.ShouldContain("Its leftovers could not be removed within 1.0 h:");
                (run.Time.GetUtcNow() - began).ShouldBeInRange(Deadline * 2, Deadline * 2.1);
                run.Database.State.Table("items").Indexes.Values.ShouldHaveSingleItem().IsValid.ShouldBeFalse();

                run.Database.Build = TimeSpan.FromSeconds(30);
                (await run.ApplyAsync(SampleChanges.Index)).ShouldBeOfType<RunOutcome.Completed>();
                run.Database.State.Table("items").Indexes.Values.ShouldHaveSingleItem().IsValid.ShouldBeTrue();
            }
        );

    [Fact]
    public void An_obstacle_stops_a_long_statement_before_it_begins() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                run.Database.Commit(state => MemoryStatement.Apply(state, "create table items_amount 1"));

                RunOutcome.Failed failed = (
                    await run.ApplyAsync(SampleChanges.Index)
                ).ShouldBeOfType<RunOutcome.Failed>();

                failed.Message.ShouldContain("a table has the name items_amount: rename it");
                run.Database.State.Table("items").Indexes.ShouldBeEmpty();
            }
        );
}

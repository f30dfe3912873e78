using Segue.Conformance;
using Segue.Execution;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>A long statement has a deadline, and so has the removal of its leftovers.</summary>
public class OnlineDeadlineTests
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
}

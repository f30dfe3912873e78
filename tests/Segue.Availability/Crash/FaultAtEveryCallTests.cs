using Segue.Conformance;
using Segue.Execution;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>
/// A run tells its engine what to do call by call; here each single call goes wrong once, until a run
/// passes untouched. Going on and taking back take turns, call by call; SEGUE_TEST_EVERY_CALL tries both at each.
/// </summary>
public class FaultAtEveryCallTests
{
    [Theory]
    [MemberData(nameof(TrialChanges.Names), MemberType = typeof(TrialChanges))]
    public async Task Apply_resumes_after_a_crash_at_any_call(string about)
    {
        await using Sweep sweep = await Sweep.OpenAsync(about);
        int deaths = await sweep.RunAsync(
            async trial =>
            {
                await trial.DieAsync(trial.ApplyAsync);
                await trial.FinishAsync();
            },
            first: 1,
            every: 2
        );
        deaths.ShouldBeGreaterThan(5);
    }

    [Theory]
    [MemberData(nameof(TrialChanges.Names), MemberType = typeof(TrialChanges))]
    public async Task Rollback_undoes_an_apply_that_crashed_at_any_call(string about)
    {
        await using Sweep sweep = await Sweep.OpenAsync(about);
        await sweep.RunAsync(
            async trial =>
            {
                await trial.DieAsync(trial.ApplyAsync);
                await trial.TakeBackAsync();
            },
            first: 2,
            every: 2
        );
    }

    [Theory]
    [MemberData(nameof(TrialChanges.Gated), MemberType = typeof(TrialChanges))]
    public async Task Complete_resumes_after_a_crash_at_any_call(string about)
    {
        await using Sweep sweep = await Sweep.OpenAsync(about);
        int deaths = await sweep.RunAsync(
            async trial =>
            {
                await trial.ReachGateAsync();
                await trial.DieAsync(trial.CompleteAsync);
                await trial.FinishAsync();
            },
            first: 1,
            every: 2
        );
        deaths.ShouldBeGreaterThan(5);
    }

    [Theory]
    [MemberData(nameof(TrialChanges.Gated), MemberType = typeof(TrialChanges))]
    public async Task Rollback_resumes_after_a_crash_at_any_call(string about)
    {
        await using Sweep sweep = await Sweep.OpenAsync(about);
        await sweep.RunAsync(
            async trial =>
            {
                await trial.ReachGateAsync();
                await trial.DieAsync(trial.RollbackAsync);
                await trial.TakeBackAsync();
            },
            first: 2,
            every: 2
        );
    }

    [Theory]
    [InlineData("a table's end")]
    [InlineData("a column's end")]
    public async Task What_was_dropped_is_restored_after_a_crash_at_any_call_of_complete_or_rollback(string about)
    {
        await using Sweep sweep = await Sweep.OpenAsync(about);
        await sweep.RunAsync(async trial =>
        {
            await trial.ReachGateAsync();
            await trial.DieAsync(async runner =>
                await trial.CompleteAsync(runner) is RunOutcome.Completed
                    ? await trial.RollbackAsync(runner)
                    : throw new InvalidOperationException()
            );
            await trial.TakeBackAsync();
        });
    }

    [Theory]
    [InlineData("a table's end")]
    [InlineData("a column's end")]
    public async Task What_was_dropped_is_purged_after_a_crash_at_any_call(string about)
    {
        await using Sweep sweep = await Sweep.OpenAsync(about);
        await sweep.RunAsync(async trial =>
        {
            await trial.ReachGateAsync();
            await trial.FinishAsync();
            await trial.DieAsync(trial.PurgeAsync);
            await trial.ShouldBePurgedAsync();
        });
    }

    [Fact]
    public async Task A_full_disk_at_any_write_fails_in_a_state_from_which_apply_resumes()
    {
        await using Sweep sweep = await Sweep.OpenAsync("a column");
        await sweep.RunAsync(
            async trial =>
            {
                await trial.StrikeAsync(
                    Fault.DiskFull,
                    async runner =>
                    {
                        if (await trial.ApplyAsync(runner) is RunOutcome.Failed failed)
                        {
                            failed.Message.ShouldContain("out of disk space");
                        }
                    }
                );
                await trial.FinishAsync();
            },
            first: 1,
            every: 2
        );
    }

    /// <summary>The two ways of losing it take turns.</summary>
    [Theory]
    [InlineData(Fault.Unknown, 1)]
    [InlineData(Fault.SessionsKilled, 2)]
    internal async Task A_run_goes_on_by_itself_when_its_connections_are_lost_at_any_call(Fault fault, int first)
    {
        await using Sweep sweep = await Sweep.OpenAsync("a column");
        int losses = await sweep.RunAsync(
            async trial =>
            {
                await trial.StrikeAsync(
                    fault,
                    async runner =>
                    {
                        (await trial.ApplyAsync(runner)).ShouldWaitAtGate();
                        (await trial.CompleteAsync(runner)).ShouldBeCompleted();
                    }
                );
                await trial.ShouldBeFinishedAsync();
            },
            first,
            every: 2
        );
        losses.ShouldBeGreaterThan(40);
    }

    /// <summary>The two ways of losing it take turns.</summary>
    [Theory]
    [InlineData(Fault.Unknown, 1)]
    [InlineData(Fault.SessionsKilled, 2)]
    internal async Task A_rollback_goes_on_by_itself_when_its_connections_are_lost_at_any_call(Fault fault, int first)
    {
        await using Sweep sweep = await Sweep.OpenAsync("a column");
        await sweep.RunAsync(
            async trial =>
            {
                await trial.ReachGateAsync();
                await trial.StrikeAsync(
                    fault,
                    async runner => (await trial.RollbackAsync(runner)).ShouldBeRolledBack()
                );
                await trial.ShouldBeAsBeforeAsync();
            },
            first,
            every: 2
        );
    }
}

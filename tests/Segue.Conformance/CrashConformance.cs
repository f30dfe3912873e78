using Segue.Execution;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>
/// A run tells its engine what to do call by call; here each single call goes wrong once, until a run passes untouched.
/// </summary>
/// <param name="every">1: each call; 7: every seventh only, where a life takes long.</param>
public abstract class CrashConformance(IEngineHarness harness, int every)
{
    [Fact]
    public Task Apply_resumes_after_a_crash_at_any_call() =>
        SweepAsync(async trial =>
        {
            await trial.DieAsync(trial.ApplyAsync);
            await trial.FinishAsync();
        });

    [Fact]
    public Task Rollback_undoes_an_apply_that_crashed_at_any_call() =>
        SweepAsync(async trial =>
        {
            await trial.DieAsync(trial.ApplyAsync);
            await trial.TakeBackAsync();
        });

    [Fact]
    public Task Complete_resumes_after_a_crash_at_any_call() =>
        SweepAsync(async trial =>
        {
            await trial.ReachGateAsync();
            await trial.DieAsync(trial.CompleteAsync);
            await trial.FinishAsync();
        });

    [Fact]
    public Task Rollback_resumes_after_a_crash_at_any_call() =>
        SweepAsync(async trial =>
        {
            await trial.ReachGateAsync();
            await trial.DieAsync(trial.RollbackAsync);
            await trial.TakeBackAsync();
        });

    [Fact]
    public Task A_run_continues_when_the_answer_of_any_call_is_lost() => GoesOnAfterAsync(Fault.Unknown);

    [Fact]
    public Task A_run_continues_when_its_sessions_are_terminated_before_any_call() =>
        GoesOnAfterAsync(Fault.SessionsKilled);

    [Fact]
    public Task A_rollback_continues_when_the_answer_of_any_call_is_lost() =>
        SweepAsync(async trial =>
        {
            await trial.ReachGateAsync();
            await trial.StrikeAsync(
                Fault.Unknown,
                async runner => (await trial.RollbackAsync(runner)).ShouldBeOfType<RunOutcome.RolledBack>()
            );
            await trial.ShouldBeAsBeforeAsync();
        });

    [Fact]
    public Task A_full_disk_at_any_write_fails_in_a_state_from_which_apply_resumes() =>
        SweepAsync(async trial =>
        {
            await trial.StrikeAsync(Fault.DiskFull, trial.ApplyAsync);
            await trial.FinishAsync();
        });

    private Task GoesOnAfterAsync(Fault fault) =>
        SweepAsync(async trial =>
        {
            await trial.StrikeAsync(
                fault,
                async runner =>
                {
                    (await trial.ApplyAsync(runner)).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                    (await trial.CompleteAsync(runner)).ShouldBeOfType<RunOutcome.Completed>();
                }
            );
            await trial.ShouldBeFinishedAsync();
        });

    private Task SweepAsync(Func<CrashTrial, Task> trial) =>
        harness.RunAsync(async target =>
        {
            for (int at = 1; ; at += every)
            {
                CrashTrial next = await CrashTrial.PrepareAsync(target, at);
                await trial(next);
                if (!next.Struck)
                {
                    at.ShouldBeGreaterThan(5);
                    return;
                }
            }
        });
}

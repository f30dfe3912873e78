using Segue.Conformance;
using Segue.Execution;
using Segue.Ledger;
using Segue.Running;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>A change is not completed while old code was seen writing.</summary>
public sealed class OldCodeTests
{
    private static readonly TimeSpan Quiet = new RunOptions { Runner = "test" }.QuietFor;

    [Fact]
    public void Complete_is_refused_while_old_code_writes_and_names_the_application() =>
        Run(async run =>
        {
            await run.ApplyAsync();
            Write(run, "web-1");
            await Task.Delay(TimeSpan.FromSeconds(3), run.Time);

            RunOutcome.Refused refused = (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Refused>();

            refused.Problems[0].What.ShouldContain("web-1 (role app) wrote to items 3.0 s ago");
            run.Record.Status.ShouldBe(ChangeStatus.Waiting);

            await Task.Delay(Quiet, run.Time);
            (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
        });

    [Fact]
    public void An_old_write_that_breaks_nothing_does_not_prevent_completion() =>
        Run(async run =>
        {
            await run.ApplyAsync();
            Write(run, "web-1", breaks: false);

            (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
        });

    [Fact]
    public void An_old_write_between_the_check_and_the_contract_step_sends_the_change_back_to_its_gate() =>
        Run(async run =>
        {
            await run.ApplyAsync();
            run.Happened = happened =>
            {
                if (happened is RunEvent.StepStarted { Step.Id: var id } && id.StartsWith("contract", default))
                {
                    Write(run, "late");
                }
            };

            RunOutcome.Refused refused = (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Refused>();

            refused.Problems[0].What.ShouldContain("late (role app)");
            run.Record.Status.ShouldBe(ChangeStatus.Waiting);
            run.Record.Stage.ShouldBe("switch");
            (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

            run.Happened = _ => { };
            await Task.Delay(Quiet, run.Time);
            (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
        });

    [Fact]
    public void A_person_may_complete_a_change_although_old_code_writes_and_the_reason_is_recorded() =>
        Run(async run =>
        {
            await run.ApplyAsync();
            Write(run, "batch-job");
            CompleteRequest although = new() { AlthoughOldCodeWrites = true };

            (await run.CompleteAsync(although)).ShouldBeOfType<RunOutcome.Refused>();
            run.Record.Status.ShouldBe(ChangeStatus.Waiting);

            run.Options = run.Options with { Actor = new Actor("alice") { Reason = "it retries" } };
            (await run.CompleteAsync(although)).ShouldBeOfType<RunOutcome.Completed>();
            LedgerEvent recorded = run.Database.State.Events.Single(line => line.Kind == "although_old_code_writes");
            recorded.Message.ShouldContain("it retries");
            recorded.Message.ShouldContain("batch-job (role app)");
        });

    [Fact]
    public void A_quiet_time_longer_than_the_counting_so_far_is_not_accepted() =>
        Run(async run =>
        {
            await run.ApplyAsync();
            CompleteRequest day = new() { QuietFor = TimeSpan.FromDays(1) };
            await Task.Delay(TimeSpan.FromHours(20), run.Time);

            RunOutcome.Refused refused = (await run.CompleteAsync(day)).ShouldBeOfType<RunOutcome.Refused>();

            refused.Problems[0].What.ShouldContain("has been watched for 20.0 h");
            await Task.Delay(TimeSpan.FromHours(4), run.Time);
            (await run.CompleteAsync(day)).ShouldBeOfType<RunOutcome.Completed>();
        });

    private static void Run(Func<MemoryRun, Task> test) =>
        MemoryRun.Of(
            rows: 20,
            run =>
            {
                run.Options = run.Options with { QuietFor = Quiet };
                return test(run);
            }
        );

    private static void Write(MemoryRun run, string application, bool breaks = true) =>
        run.Database.Commit(state =>
            state with
            {
                OldWrites = state.OldWrites.Add(
                    new MemoryOldWrite(SampleChanges.Name, application, breaks, run.Time.GetUtcNow())
                ),
            }
        );
}

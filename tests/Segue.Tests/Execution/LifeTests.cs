using Segue.Conformance;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>A change's whole life: gates, refusals, drift, and steps that somebody undid.</summary>
public class LifeTests
{
    [Fact]
    public void A_change_waits_at_its_gate_and_cannot_be_rolled_back_after_it() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Refused>();
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.Completed>();
                (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.Refused>();
            }
        );

    /// <summary>A later step may depend on what an earlier one created.</summary>
    [Fact]
    public void A_rollback_undoes_the_last_step_first() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                (await run.ApplyAsync(SampleChanges.ColumnAndIndex)).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                run.Events.Clear();

                (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();

                run.Events.OfType<RunEvent.StepStarted>()
                    .Select(started => started.Step.Id)
                    .ShouldBe(["undo/items/items_amount", "undo/items/code"]);
            }
        );

    [Fact]
    public void Rollback_stops_at_a_statement_that_runs_on_after_it_was_cancelled() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                run.Database.Build = TimeSpan.FromHours(1);
                run.Database.IsStubborn = true;
                await using (MemoryEngine dead = run.Database.Open())
                {
                    Lease lease = await dead.AcquireAsync();
                    Plan plan = await dead.BegunAsync(SampleChanges.Index, lease);
                    OnlineStep build = plan.Steps().OfType<OnlineStep>().Single();
                    await dead.Ledger.SetStepAsync(plan.Change, build.Id, StepState.Running, null, lease, default);
                    MemoryOnline.Begin(run.Database, build.Statement);
                }

                (await run.RollbackAsync())
                    .ShouldBeOfType<RunOutcome.Failed>()
                    .Message.ShouldContain(
                        "The statement of \"build index items_amount\" was cancelled and still runs on the server. End "
                            + "its session, then roll back again."
                    );

                run.Database.IsStubborn = false;
                (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();
                run.Database.State.Table("items").Indexes.ShouldBeEmpty();
            }
        );

    [Fact]
    public void A_lock_timeout_leaves_nothing_behind_and_the_next_try_succeeds() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                run.Database.TableHolders["items"] = "report";

                RunOutcome.LockNotObtained locked = (
                    await run.ApplyAsync()
                ).ShouldBeOfType<RunOutcome.LockNotObtained>();

                locked.Blockers.ShouldHaveSingleItem().Application.ShouldBe("report");
                run.Database.State.Table("items").Columns.ShouldBe(["amount"]);
                run.Database.TableHolders.Clear();
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
            }
        );

    [Fact]
    public void Statements_over_their_budget_are_tried_a_few_times_and_change_nothing() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                run.Database.Hold = TimeSpan.FromSeconds(20);

                (await run.ApplyAsync())
                    .ShouldBeOfType<RunOutcome.Failed>()
                    .Message.ShouldContain("in each of 3 attempts");

                run.Database.State.Table("items").Columns.ShouldBe(["amount"]);
            }
        );

    [Fact]
    public void A_missing_column_stops_the_run_and_a_new_column_does_not() =>
        MemoryRun.Of(
            10,
            async run =>
            {
                (await run.ApplyAsync(until: StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
                run.Database.Commit(state => MemoryStatement.Apply(state, "add column items other"));
                (await run.ApplyAsync(until: StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
                run.Database.Commit(state => MemoryStatement.Apply(state, "drop column items amount"));

                (await run.ApplyAsync())
                    .ShouldBeOfType<RunOutcome.Refused>()
                    .Problems.ShouldHaveSingleItem()
                    .What.ShouldContain("column items amount");
            }
        );

    [Fact]
    public void A_step_undone_by_hand_is_repeated_with_its_dependents() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                run.Database.Commit(state => MemoryStatement.Apply(state, "drop column items code"));
                run.Database.Commit(state => MemoryStatement.Apply(state, "drop trigger items code"));

                (await run.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();

                run.Notes.ShouldContain(note => note.Contains("the catalog no longer shows it"));
                run.Wrong.ShouldBe(0);
            }
        );

    [Fact]
    public void Only_the_plan_that_was_approved_is_begun_and_resumed() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                (await ApplyApprovedAsync(run, "another")).ShouldBeOfType<RunOutcome.Refused>();
                run.Database.State.Changes.ShouldBeEmpty();
                (await run.ApplyAsync(until: StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
                (await ApplyApprovedAsync(run, "another"))
                    .ShouldBeOfType<RunOutcome.Refused>()
                    .Problems.ShouldHaveSingleItem()
                    .What.ShouldContain("not the approved another");
                (await ApplyApprovedAsync(run, run.Record.PlanHash)).ShouldBeOfType<RunOutcome.WaitingAtGate>();
            }
        );

    [Fact]
    public void A_stored_plan_that_was_altered_is_neither_applied_nor_rolled_back() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                (await run.ApplyAsync(until: StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
                Alter(run);

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.Refused>();
                (await run.RollbackAsync()).ShouldBeOfType<RunOutcome.Refused>();

                run.Database.State.Table("items").Columns.ShouldBe(["amount", "code"]);
            }
        );

    [Fact]
    public void A_stored_plan_that_is_altered_during_a_run_stops_it_before_the_next_stage() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                run.Happened = happened =>
                {
                    if (happened is RunEvent.StageStarted { Stage: "backfill" })
                    {
                        Alter(run);
                    }
                };

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.Refused>();

                run.Events.OfType<RunEvent.StageStarted>()
                    .Select(started => started.Stage)
                    .ShouldBe(["expand", "backfill"]);
            }
        );

    private static void Alter(MemoryRun run) =>
        run.Database.Commit(state =>
            state with
            {
                Plans = state.Plans.SetItem(
                    SampleChanges.Name,
                    state.Plans[SampleChanges.Name].Replace("drop column items code", "drop column items amount")
                ),
            }
        );

    [Fact]
    public void Rows_written_past_the_trigger_are_filled_before_they_are_proven() =>
        // More than a few ranges: the row is in the last one.
        MemoryRun.Of(
            5_000,
            async run =>
            {
                (await run.ApplyAsync(until: StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
                run.Database.Commit(state =>
                    state.With(
                        "items",
                        table => table with { Rows = table.Rows.SetItem(9000, MemoryRow.Empty.With("amount", 9000)) }
                    )
                );

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                run.Wrong.ShouldBe(0);
                run.Events.OfType<RunEvent.VerdictReached>()
                    .Select(verdict => verdict.Verdict.Holds)
                    .ShouldBe([false, true]);
                run.Record.Status.ShouldBe(ChangeStatus.Waiting);
            }
        );

    private static Task<RunOutcome> ApplyApprovedAsync(MemoryRun run, string hash) =>
        run.WithAsync(
            (runner, engine) =>
                runner.ApplyAsync(
                    engine,
                    SampleChanges.Read(SampleChanges.Column),
                    Sessions.Staged,
                    new ApplyRequest { ApprovedHash = hash, Origin = Sessions.Origin },
                    default
                )
        );
}

using Segue.Conformance;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>The fill, whatever rows are addressed by: here by keys.</summary>
public class FillTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Every_row_is_filled_and_progress_is_reported() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                run.Wrong.ShouldBe(0);
                BackfillProgress last = run.Events.OfType<RunEvent.Filled>().Last().Progress;
                (last.Rows, last.UnitsDone, last.UnitsTotal, last.UnitsSkipped).ShouldBe((5000, 5000, 5000, 0));
                run.Events.OfType<RunEvent.Filled>().Count().ShouldBeGreaterThan(1);
            }
        );

    [Fact]
    public void Rows_locked_by_an_app_are_filled_after_their_release() =>
        MemoryRun.Of(
            2000,
            async run =>
            {
                (await run.ApplyAsync(until: StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
                run.Database.RowHolders[("items", 7)] = "clerk";
                run.Database.RowHolders[("items", 1999)] = "clerk";
                Task release = ReleaseAsync(run);

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                await release;
                run.Wrong.ShouldBe(0);
                run.Held.ShouldContain(held => held.Contains("locked: clerk"));
            }
        );

    [Fact]
    public void A_locked_table_is_waited_for_and_reported() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                (await run.ApplyAsync(until: StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
                run.Database.TableHolders["items"] = "maintenance";
                Task release = ReleaseAsync(run);

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                await release;
                run.Wrong.ShouldBe(0);
                run.Held.ShouldContain(held => held.Contains("locked as a whole by maintenance"));
            }
        );

    [Fact]
    public void An_unlocked_row_that_stays_unfilled_fails_the_step() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                // Its lock is nobody's: as a trigger that discards the update, seen from outside.
                run.Database.RowHolders[("items", 7)] = null!;

                RunOutcome.Failed failed = (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.Failed>();

                failed.Message.ShouldContain("stay unfilled although no session locks them (keys above");
            }
        );

    [Fact]
    public void Rows_that_raise_an_error_are_named_and_all_others_are_filled() =>
        MemoryRun.Of(
            2000,
            async run =>
            {
                RunOutcome.Failed failed = (
                    await run.ApplyAsync(SampleChanges.FailingColumn)
                ).ShouldBeOfType<RunOutcome.Failed>();

                failed.Message.ShouldContain("division by zero for id=7");
                run.Notes.ShouldContain(note => note.Contains("1 row of items cannot be filled"));
                run.Wrong.ShouldBe(1);

                run.Database.Write("items", 7, "amount", 8);
                (await run.ApplyAsync(SampleChanges.FailingColumn)).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                run.Wrong.ShouldBe(0);
            }
        );

    [Fact]
    public void A_table_rewritten_during_the_change_is_scanned_again() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                bool rewritten = false;
                run.Happened = happened =>
                {
                    if (happened is RunEvent.Filled && !rewritten)
                    {
                        rewritten = true;
                        run.Database.Commit(state =>
                            state.With("items", table => table with { Generation = table.Generation + 1 })
                        );
                    }
                };

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                run.Notes.ShouldContain(note => note.Contains("Another session rewrote items"));
                run.Wrong.ShouldBe(0);
                run.Events.OfType<RunEvent.Filled>().Last().Progress.Rows.ShouldBe(5000);
            }
        );

    [Fact]
    public void A_row_that_takes_longer_than_a_minute_ends_the_run_with_its_name() =>
        MemoryRun.Of(
            3,
            async run =>
            {
                run.Database.PerRow = Minute + Minute;

                RunOutcome.Failed failed = (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.Failed>();

                failed.Message.ShouldContain("Filling keys above");
            }
        );

    [Fact]
    public void Batches_settle_at_the_target_time() =>
        MemoryRun.Of(
            20_000,
            async run =>
            {
                run.Database.PerRow = TimeSpan.FromMilliseconds(0.5);

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                // 100 rows take the 50 ms that a batch is meant to last.
                run.Events.OfType<RunEvent.Filled>().Last().Progress.UnitsPerGroup.ShouldBeInRange(80, 125);
            }
        );

    /// <summary>Each batch waits for a core for longer than it should take: then its size is not the reason.</summary>
    [Fact]
    public void Batches_do_not_shrink_to_single_rows_on_a_machine_without_a_free_core() =>
        MemoryRun.Of(
            20_000,
            async run =>
            {
                run.Database.PerBatch = TimeSpan.FromMilliseconds(200);

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                run.Database.Batches.ShouldBeLessThan(20_000 / 20);
            }
        );

    [Fact]
    public void A_pause_from_another_terminal_stops_the_fill_until_it_resumes_it() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                Task resumed = Task.CompletedTask;
                ChangeStatus during = default;
                run.Happened = happened =>
                {
                    if (happened is RunEvent.Filled && resumed.IsCompleted && during == default)
                    {
                        resumed = PauseAsync(run, status => during = status);
                    }
                };
                DateTimeOffset began = run.Time.GetUtcNow();

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();

                await resumed;
                during.ShouldBe(ChangeStatus.Paused);
                (run.Time.GetUtcNow() - began).ShouldBeGreaterThan(Minute);
                run.Wrong.ShouldBe(0);
            }
        );

    private static async Task PauseAsync(MemoryRun run, Action<ChangeStatus> seen)
    {
        await using MemoryEngine other = run.Database.Open();
        await other.Ledger.RequestPauseAsync(SampleChanges.Name, true, "by test", default);
        await Task.Delay(Minute, run.Time);
        seen(run.Record.Status);
        await other.Ledger.RequestPauseAsync(SampleChanges.Name, false, "by test", default);
    }

    private static async Task ReleaseAsync(MemoryRun run)
    {
        await Task.Delay(Minute, run.Time);
        run.Database.RowHolders.Clear();
        run.Database.TableHolders.Clear();
    }
}

using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>Rows are filled by ranges, each once, with the place of the fill in the same commit.</summary>
public abstract class BatchConformance(IEngineHarness harness)
{
    private const int Rows = 2000;

    [Fact]
    public Task Heads_and_parts_of_a_table_hold_each_row_once() =>
        RunAsync(
            async (target, engine, all) =>
            {
                long filled = 0;
                RowRange rest = all.Range;
                while (!rest.IsEmpty)
                {
                    RowRange head = await engine.Execution.Ranges.HeadAsync(
                        all.Target.Relation,
                        rest,
                        Math.Max(1, all.Range.Units / 3),
                        default
                    );
                    IReadOnlyList<RowRange> parts = await engine.Execution.Ranges.SplitAsync(
                        all.Target.Relation,
                        head,
                        4,
                        default
                    );
                    foreach (RowRange part in parts)
                    {
                        part.Units.ShouldBeLessThanOrEqualTo(head.Units);
                        filled += (await FillAsync(engine, all with { Range = part })).ShouldBeFilled().Rows;
                    }

                    head.IsEmpty.ShouldBeFalse();
                    rest.After(head).Units.ShouldBeLessThan(rest.Units);
                    rest = rest.After(head);
                }

                filled.ShouldBe(Rows);
                (await target.WrongAsync()).ShouldBe(0);

                // Rows that were written may have moved behind the range.
                RowRange now = await engine.Execution.Ranges.RemainingAsync(all.Target.Relation, null, default);
                RowRange behind = await engine.Execution.Ranges.RemainingAsync(all.Target.Relation, now, default);
                behind.IsEmpty.ShouldBeTrue();
            }
        );

    [Fact]
    public Task Rows_their_count_and_the_cursor_commit_together() =>
        RunAsync(
            async (target, engine, all) =>
            {
                RowRange head = await HeadAsync(engine, all, all.Range.Units / 2);
                Batch half = all with { Range = head, Cursor = all.Cursor!.Behind(head) };

                BatchResult.Filled filled = (await FillAsync(engine, half)).ShouldBeFilled();

                await using IEngine next = target.Open();
                BackfillCursor cursor = (await next.Execution.Batches.CursorAsync(all.Key, default))!;
                cursor.Remaining.ShouldBe(all.Range.After(head));
                (cursor.Rows, cursor.UnitsDone).ShouldBe((filled.RowsDone, head.Units));
                (await target.WrongAsync()).ShouldBe(Rows - filled.Rows);
                (await FillAsync(engine, half)).ShouldBeFilled().Rows.ShouldBe(0);
            }
        );

    [Fact]
    public Task A_cursor_of_any_kind_is_read_back_unchanged() =>
        RunAsync(
            async (target, engine, all) =>
            {
                RowRange head = await HeadAsync(engine, all, all.Range.Units / 2);
                IReadOnlyList<RowRange> parts = await engine.Execution.Ranges.SplitAsync(
                    all.Target.Relation,
                    head,
                    2,
                    default
                );
                BackfillCursor cursor = all.Cursor!.Behind(parts[0]) with
                {
                    Group = parts[1],
                    Pass = 1,
                    Passes = 2,
                    Skipped = [parts[0]],
                    Failed = new FailedRows(1, [new FailedRow("id=1", "no")]),
                    RowsTotal = Rows,
                };

                await engine.Execution.Batches.SaveAsync(all.Key, cursor, all.Lease, default);

                BackfillCursor read = (await engine.Execution.Batches.CursorAsync(all.Key, default))!;
                read.Skipped.ShouldBe(cursor.Skipped);
                read.Failed.Samples.ShouldBe(cursor.Failed.Samples);
                (read with { Skipped = cursor.Skipped, Failed = cursor.Failed }).ShouldBe(cursor);
                BackfillRecord record = (
                    await engine.Records.Ledger.BackfillsAsync(all.Key.Change, default)
                ).ShouldHaveSingleItem();
                (record.UnitsDone, record.UnitsSkipped).ShouldBe((parts[0].Units, parts[0].Units));
            }
        );

    [Fact]
    public Task A_row_locked_by_an_app_cancels_its_batch_and_is_skipped_by_a_sweep() =>
        RunAsync(
            async (target, engine, all) =>
            {
                await using (await target.HoldRowAsync(7))
                {
                    (await FillAsync(engine, all)).ShouldBeOfType<BatchResult.RowLocked>();
                    (await target.WrongAsync()).ShouldBe(Rows);

                    BatchResult.Filled swept = (
                        await FillAsync(engine, all with { Mode = FillMode.Unlocked })
                    ).ShouldBeFilled();
                    (swept.Rows, swept.Left).ShouldBe((Rows - 1, 1));
                }

                (await FillAsync(engine, all with { Mode = FillMode.Unlocked })).ShouldBeFilled().Left.ShouldBe(0);
                (await target.WrongAsync()).ShouldBe(0);
            }
        );

    [Fact]
    public Task A_locked_table_is_reported_with_the_holder() =>
        RunAsync(
            async (target, engine, all) =>
            {
                await using IAsyncDisposable held = await target.HoldTableAsync();

                (await FillAsync(engine, all)).ShouldBeOfType<BatchResult.TableLocked>();

                await target.UntilAsync(
                    "the holder is told",
                    async () => await engine.Execution.Batches.LockHolderAsync(all.Target.Relation, default) is not null
                );
                (await target.WrongAsync()).ShouldBe(Rows);
            }
        );

    [Fact]
    public Task A_range_from_before_a_rewrite_is_not_filled() =>
        RunAsync(
            async (target, engine, all) =>
            {
                await target.RewriteAsync();

                (await FillAsync(engine, all)).ShouldBeOfType<BatchResult.Rewritten>();

                (await target.WrongAsync()).ShouldBe(Rows);
            }
        );

    [Fact]
    public Task No_batch_runs_after_one_that_failed() =>
        RunAsync(
            async (target, engine, all) =>
            {
                IReadOnlyList<RowRange> parts = await engine.Execution.Ranges.SplitAsync(
                    all.Target.Relation,
                    all.Range,
                    3,
                    default
                );
                await using IAsyncDisposable app = await target.HoldRowAsync(Rows / 2);

                BatchResults results = await engine.Execution.Batches.FillAsync(
                    [.. parts.Select(part => all with { Range = part })],
                    default
                );

                results.Results.SkipLast(1).ShouldAllBe(result => result is BatchResult.Filled);
                results.Results[^1].ShouldBeOfType<BatchResult.RowLocked>();
                results.Results.Count.ShouldBeLessThan(parts.Count);
                (await target.WrongAsync()).ShouldBe(
                    Rows - results.Results.OfType<BatchResult.Filled>().Sum(filled => filled.Rows)
                );
            }
        );

    [Fact]
    public Task A_runner_that_lost_its_lease_fills_nothing() =>
        RunAsync(
            async (target, engine, all) =>
            {
                Lease lost = new(all.Lease.Token + 1);

                await engine.ShouldBeFencedAsync(() => FillAsync(engine, all with { Lease = lost }));
                await engine.ShouldBeFencedAsync(() =>
                    engine.Execution.Batches.SaveAsync(all.Key, all.Cursor!, lost, default)
                );

                (await target.WrongAsync()).ShouldBe(Rows);
            }
        );

    [Fact]
    public Task A_row_that_raises_an_error_is_named_and_the_others_are_filled() =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(7);
            await target.WriteAsync(7, 8);
            Batch all = await PreparedAsync(target, engine, SampleChanges.FailingColumn);
            await target.WriteAsync(3, 7);

            (await FillAsync(engine, all)).ShouldBeOfType<BatchResult.RowsFail>();
            BatchResult.Filled each = (await FillAsync(engine, all with { Mode = FillMode.Each })).ShouldBeFilled();

            each.Failed.Count.ShouldBe(1);
            each.Failed.Samples.ShouldHaveSingleItem().Key.ShouldContain("3");
            each.Left.ShouldBe(0);
        });

    private Task RunAsync(Func<IEngineTarget, IEngine, Batch, Task> test) =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(Rows);
            await test(target, engine, await PreparedAsync(target, engine, SampleChanges.Column));
        });

    private static Task<RowRange> HeadAsync(IEngine engine, Batch all, long units) =>
        engine.Execution.Ranges.HeadAsync(all.Target.Relation, all.Range, units, default).AsTask();

    private static async Task<BatchResult> FillAsync(IEngine engine, Batch batch) =>
        (await engine.Execution.Batches.FillAsync([batch], default)).Results.ShouldHaveSingleItem();

    /// <summary>The one batch that would fill all of it.</summary>
    internal static async Task<Batch> PreparedAsync(IEngineTarget target, IEngine engine, string file)
    {
        (await target.ApplyAsync(file, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        Plan plan = PlanJson.Parse(await engine.Records.Ledger.PlanAsync(SampleChanges.Name, default));
        BackfillStep step = plan.Steps().OfType<BackfillStep>().First();
        BackfillKey key = new(plan.Change, step.Id, step.Targets[0].Relation);
        TableExtent extent = await engine.Execution.Ranges.MeasureAsync(key.Relation, default);
        BackfillCursor cursor = new() { Whole = extent.Whole, Remaining = extent.Whole };
        Lease lease = await engine.AcquireAsync();
        await engine.Execution.Batches.SaveAsync(key, cursor, lease, default);
        return new Batch
        {
            Key = key,
            Plan = plan,
            Target = step.Targets[0],
            Range = extent.Whole,
            Mode = FillMode.Rest,
            Cursor = cursor,
            Lease = lease,
            Limit = TimeSpan.FromSeconds(30),
            RowsPerUnit = extent.RowsPerUnit,
        };
    }
}

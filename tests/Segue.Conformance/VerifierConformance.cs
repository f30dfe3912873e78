using Segue.Engines;
using Segue.Planning;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>Every row is asked once, by ranges, and those for which a claim does not hold are named.</summary>
public abstract class VerifierConformance(IEngineHarness harness)
{
    private const int Rows = 2000;

    [Fact]
    public Task Ranges_count_every_row_once_and_name_a_few() =>
        RunAsync(
            async (target, engine, plan, scan) =>
            {
                (long compared, long mismatches) = (0, 0);
                RowRange? scanned = null;
                while (
                    await engine.Execution.Ranges.RemainingAsync(scan.Relation, scanned, default)
                        is { IsEmpty: false } rest
                )
                {
                    scanned = await engine.Execution.Ranges.HeadAsync(
                        scan.Relation,
                        rest,
                        Math.Max(1, rest.Units / 2),
                        default
                    );
                    RangeCounts counts = await engine.Execution.Verifier.CountAsync(plan, scan, scanned, default);
                    compared += counts.Compared;
                    mismatches += counts.Mismatches[0];
                }

                (compared, mismatches).ShouldBe((Rows, Rows));
                RowRange whole = await engine.Execution.Ranges.RemainingAsync(scan.Relation, null, default);
                Tally tally = await engine.Execution.Verifier.CompareAsync(plan, scan.Checks[0], whole, default);
                (tally.Compared, tally.Mismatches, tally.Samples.Count).ShouldBe((Rows, Rows, 10));
                tally.Samples.ShouldAllBe(sample => sample.StartsWith("id="));
                tally.NamesByPlace.ShouldBeFalse();
            }
        );

    [Fact]
    public Task A_row_that_raises_an_error_counts_as_a_violation() =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(6);
            (Plan plan, VerifyScan scan) = await PreparedAsync(target, engine, SampleChanges.FailingColumn);
            await target.WriteAsync(3, 7);
            RowRange whole = await engine.Execution.Ranges.RemainingAsync(scan.Relation, null, default);

            (await engine.Execution.Verifier.CountAsync(plan, scan, whole, default)).RowsFail.ShouldBeTrue();
            Tally tally = await engine.Execution.Verifier.CompareAsync(plan, scan.Checks[0], whole, default);

            (tally.Compared, tally.Failed.Count).ShouldBe((6, 1));
            tally.Failed.Samples.ShouldHaveSingleItem().Key.ShouldContain("3");
        });

    private Task RunAsync(Func<IEngineTarget, IEngine, Plan, VerifyScan, Task> test) =>
        harness.RunAsync(async target =>
        {
            await using IEngine engine = target.Open();
            await target.CreateItemsAsync(Rows);
            (Plan plan, VerifyScan scan) = await PreparedAsync(target, engine, SampleChanges.Column);
            await test(target, engine, plan, scan);
        });

    /// <summary>The question about a column that nobody has filled yet.</summary>
    private static async Task<(Plan Plan, VerifyScan Scan)> PreparedAsync(
        IEngineTarget target,
        IEngine engine,
        string file
    )
    {
        Plan plan = (await BatchConformance.PreparedAsync(target, engine, file)).Plan;
        return (plan, VerifyScan.Of(plan.Steps().OfType<VerifyStep>().First()).First());
    }
}

using Segue.Backfill;

namespace Segue.Tests.Backfill;

public class PassPlanTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void A_fill_has_one_pass_while_more_are_not_worth_it()
    {
        PassPlan passes = new(3, 256, Target);
        passes.Count(areWorthIt: true).ShouldBe(3);
        passes.Count(areWorthIt: false).ShouldBe(1);
    }

    [Fact]
    public void The_passes_never_exceed_the_parts_of_a_smallest_range()
    {
        PassPlan passes = new(3, 4, Target);
        for (int i = 0; i < 5; i++)
        {
            passes.Observe(1, TimeSpan.FromSeconds(3) / passes.Count(areWorthIt: true));
        }

        passes.Count(areWorthIt: true).ShouldBe(4);
    }

    [Fact]
    public void A_slow_block_is_filled_in_more_passes_and_a_fast_block_in_fewer()
    {
        PassPlan passes = new(2, 256, Target);
        passes.Observe(2, TimeSpan.FromSeconds(1));
        passes.Count(areWorthIt: true).ShouldBe(2);
        passes.Observe(1, TimeSpan.FromSeconds(1));
        passes.Count(areWorthIt: true).ShouldBe(4);
        passes.Observe(1, TimeSpan.FromMilliseconds(10));
        passes.Count(areWorthIt: true).ShouldBe(2);
    }

    [Fact]
    public void A_fill_planned_as_one_pass_keeps_one_pass()
    {
        PassPlan passes = new(1, 256, Target);
        passes.Observe(1, TimeSpan.FromSeconds(1));
        passes.Count(areWorthIt: true).ShouldBe(1);
    }

    /// <summary>On a machine whose cores are all taken, a pass over fewer rows waits as long.</summary>
    [Fact]
    public void A_single_block_is_not_divided_further_where_fewer_rows_take_as_long()
    {
        PassPlan passes = new(3, 256, Target);
        int batches = 0;
        for (int i = 0; i < 100; i++)
        {
            batches += passes.Count(areWorthIt: true);
            passes.Observe(1, TimeSpan.FromMilliseconds(200));
        }

        batches.ShouldBeLessThan(400);
    }

    [Fact]
    public void A_single_block_of_heavy_rows_is_divided_until_a_pass_takes_what_it_should()
    {
        PassPlan passes = new(2, 256, Target);
        for (int i = 0; i < 20; i++)
        {
            passes.Observe(1, TimeSpan.FromSeconds(2) / passes.Count(areWorthIt: true));
        }

        passes.Count(areWorthIt: true).ShouldBe(64);
    }
}

using Segue.Backfill;

namespace Segue.Tests.Backfill;

public class PassPlanTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void There_is_one_pass_while_the_planned_ones_are_not_worth_it()
    {
        PassPlan passes = new(3, 256, Target);
        passes.Count(areWorthIt: true).ShouldBe(3);
        passes.Count(areWorthIt: false).ShouldBe(1);
    }

    [Fact]
    public void There_are_never_more_passes_than_a_smallest_range_can_be_divided_into()
    {
        PassPlan passes = new(3, 4, Target);
        for (int i = 0; i < 5; i++)
        {
            passes.Observe(1, TimeSpan.FromSeconds(1));
        }

        passes.Count(areWorthIt: true).ShouldBe(4);
    }

    [Fact]
    public void A_single_block_that_takes_too_long_is_filled_in_more_passes_and_in_fewer_again_when_it_does_not()
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
    public void What_is_planned_as_one_pass_stays_one()
    {
        PassPlan passes = new(1, 256, Target);
        passes.Observe(1, TimeSpan.FromSeconds(1));
        passes.Count(areWorthIt: true).ShouldBe(1);
    }
}

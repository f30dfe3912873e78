using Segue.Backfill;

namespace Segue.Tests.Backfill;

public class PassPlanTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void Shares_are_the_planned_ones_and_the_last_is_all()
    {
        PassPlan passes = new([100, 200, 256], Target);
        passes.Count(inPlace: true).ShouldBe(3);
        Enumerable.Range(0, 3).Select(pass => passes.Share(pass, 3)).ShouldBe([100, 200, 256]);
        passes.Count(inPlace: false).ShouldBe(1);
        passes.Share(0, 1).ShouldBe(256);
    }

    [Fact]
    public void A_single_block_that_takes_too_long_is_filled_in_more_passes_and_in_fewer_again_when_it_does_not()
    {
        PassPlan passes = new([128, 256], Target);
        passes.Observe(2, TimeSpan.FromSeconds(1));
        passes.Count(inPlace: true).ShouldBe(2);
        passes.Observe(1, TimeSpan.FromSeconds(1));
        passes.Count(inPlace: true).ShouldBe(4);
        Enumerable.Range(0, 4).Select(pass => passes.Share(pass, 4)).ShouldBe([64, 128, 192, 256]);
        passes.Observe(1, TimeSpan.FromMilliseconds(10));
        passes.Count(inPlace: true).ShouldBe(2);
    }

    [Fact]
    public void What_is_planned_as_one_pass_stays_one()
    {
        PassPlan passes = new([256], Target);
        passes.Observe(1, TimeSpan.FromSeconds(1));
        passes.Count(inPlace: true).ShouldBe(1);
    }
}

using Segue.Backfill;

namespace Segue.Tests.Backfill;

public class BatchSizerTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void A_slow_batch_halves_the_next_at_most()
    {
        BatchSizer sizer = new(200, Target, 512);
        sizer.Observe(sizer.Units, TimeSpan.FromSeconds(10));
        sizer.Units.ShouldBe(100);
    }

    [Fact]
    public void A_quick_batch_doubles_the_next_at_most_and_stays_within_the_largest()
    {
        BatchSizer sizer = new(200, Target, 512);
        sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(1));
        sizer.Units.ShouldBe(400);
        sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(1));
        sizer.Units.ShouldBe(512);
    }

    [Fact]
    public void The_size_settles_where_a_batch_takes_the_target()
    {
        BatchSizer sizer = new(1, Target, 100_000);
        for (int i = 0; i < 40; i++)
        {
            sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(sizer.Units * 0.1));
        }

        sizer.Units.ShouldBeInRange(450, 550);
    }

    [Fact]
    public void A_range_never_has_less_than_one_block()
    {
        BatchSizer sizer = new(1, Target, 512);
        sizer.Observe(sizer.Units, TimeSpan.FromMinutes(1));
        sizer.Units.ShouldBe(1);
    }

    [Fact]
    public void What_was_capped_below_it_counts_with_the_size_it_had()
    {
        BatchSizer sizer = new(1024, Target, 1024);
        sizer.Observe(128, TimeSpan.FromMilliseconds(100));
        sizer.Units.ShouldBe(64);
    }

    [Fact]
    public void A_cost_that_each_batch_has_whatever_its_size_keeps_none_small()
    {
        BatchSizer sizer = new(1, Target, 512);
        for (int i = 0; i < 200; i++)
        {
            sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(30 + (sizer.Units * 0.1)));
        }

        sizer.Units.ShouldBeInRange(190, 210);
    }
}

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
    public void A_quick_batch_at_most_doubles_the_next_within_the_maximum()
    {
        BatchSizer sizer = new(200, Target, 512);
        sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(1));
        sizer.Units.ShouldBe(400);
        sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(1));
        sizer.Units.ShouldBe(512);
    }

    [Fact]
    public void The_batch_size_settles_at_the_target_time()
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
    public void A_limit_makes_the_next_batch_smaller_but_never_empty()
    {
        BatchSizer sizer = new(200, Target, 512);
        sizer.Limit(100);
        sizer.Units.ShouldBe(100);
        sizer.Limit(150);
        sizer.Units.ShouldBe(100);
        sizer.Limit(0);
        sizer.Units.ShouldBe(1);
    }

    [Fact]
    public void A_capped_batch_counts_with_its_own_size()
    {
        BatchSizer sizer = new(1024, Target, 1024);
        sizer.Observe(128, TimeSpan.FromMilliseconds(100));
        sizer.Units.ShouldBe(64);
    }

    [Fact]
    public void A_fixed_cost_for_each_batch_does_not_keep_batches_small()
    {
        BatchSizer sizer = new(1, Target, 512);
        for (int i = 0; i < 200; i++)
        {
            sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(30 + (sizer.Units * 0.1)));
        }

        sizer.Units.ShouldBeInRange(190, 210);
    }

    /// <summary>On a machine whose cores are all taken, half a batch waits as long as a whole one.</summary>
    [Fact]
    public void Batches_that_wait_for_something_without_a_size_are_not_reduced_to_single_blocks()
    {
        BatchSizer sizer = new(200, Target, 512);
        long units = 0;
        for (int i = 0; i < 100; i++)
        {
            units += sizer.Units;
            sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(80 + (sizer.Units * 0.05)));
        }

        units.ShouldBeGreaterThan(100 * 100);
    }

    [Fact]
    public void Waits_that_come_and_go_leave_batches_large_and_rows_that_are_slow_do_not()
    {
        Random random = new(1);
        BatchSizer sizer = new(200, Target, 512);
        long units = 0;
        for (int i = 0; i < 1000; i++)
        {
            units += sizer.Units;
            TimeSpan wait = TimeSpan.FromMilliseconds(-100 * Math.Log(1 - random.NextDouble()));
            sizer.Observe(sizer.Units, wait + TimeSpan.FromMilliseconds(sizer.Units * 0.1));
        }

        units.ShouldBeGreaterThan(1000 * 30);
        for (int i = 0; i < 12; i++)
        {
            sizer.Observe(sizer.Units, TimeSpan.FromMilliseconds(sizer.Units * 20));
        }

        sizer.Units.ShouldBeLessThanOrEqualTo(2);
    }
}

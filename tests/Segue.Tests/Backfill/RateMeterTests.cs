using Segue.Backfill;
using Segue.Tests.Memory;

namespace Segue.Tests.Backfill;

/// <summary>The speed that an end is foretold from.</summary>
public class RateMeterTests
{
    [Fact]
    public void The_rate_covers_the_last_ten_seconds_including_pauses() =>
        VirtualTime.Run(async time =>
        {
            RateMeter meter = new(time);
            meter.RowsPerSecond.ShouldBe(0);
            await AddAsync(time, meter, rows: 1000, TimeSpan.FromSeconds(1));
            meter.RowsPerSecond.ShouldBe(1000);

            await Task.Delay(TimeSpan.FromSeconds(9), time);
            meter.RowsPerSecond.ShouldBe(100);

            // What is older than ten seconds counts no more.
            await AddAsync(time, meter, rows: 3000, TimeSpan.FromSeconds(1));
            meter.RowsPerSecond.ShouldBe(300);
        });

    [Fact]
    public void The_first_batch_after_a_long_pause_promises_no_new_rate() =>
        VirtualTime.Run(async time =>
        {
            RateMeter meter = new(time);
            for (int batch = 0; batch < 10; batch++)
            {
                await AddAsync(time, meter, rows: 350, TimeSpan.FromSeconds(0.1));
                await Task.Delay(TimeSpan.FromSeconds(0.4), time);
            }

            double before = meter.RowsPerSecond;
            before.ShouldBe(700);
            await Task.Delay(TimeSpan.FromMinutes(1), time);

            await AddAsync(time, meter, rows: 350, TimeSpan.FromSeconds(0.1));
            meter.RowsPerSecond.ShouldBeLessThan(800);
            await Task.Delay(TimeSpan.FromSeconds(6.9), time);
            meter.RowsPerSecond.ShouldBe(50);
        });

    private static async Task AddAsync(TimeProvider time, RateMeter meter, long rows, TimeSpan took)
    {
        long began = time.GetTimestamp();
        await Task.Delay(took, time);
        meter.Add(began, rows);
    }
}

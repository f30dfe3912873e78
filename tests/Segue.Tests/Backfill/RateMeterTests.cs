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
            meter.RowsPerSecond.ShouldBe(3000);
        });

    private static async Task AddAsync(TimeProvider time, RateMeter meter, long rows, TimeSpan took)
    {
        long began = time.GetTimestamp();
        await Task.Delay(took, time);
        meter.Add(began, rows);
    }
}

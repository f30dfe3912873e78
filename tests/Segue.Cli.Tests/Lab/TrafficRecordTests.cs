using Segue.Lab.Traffic;

namespace Segue.Cli.Tests.Lab;

public sealed class TrafficRecordTests
{
    [Fact]
    public void A_full_time_series_gets_coarser_without_losing_requests()
    {
        var record = new TrafficRecord(new TrafficOptions { Slice = TimeSpan.FromSeconds(1), MaxSlices = 8 });
        Lane lane = record.AddLane("app", "read");
        for (int second = 0; second < 100; second++)
            record.Add(lane, TimeSpan.FromSeconds(second), TimeSpan.FromMilliseconds(1), failure: null);

        IReadOnlyList<TrafficPoint> series = record.Series(null);
        series.Count.ShouldBe(7);
        series[1].At.ShouldBe(TimeSpan.FromSeconds(16));
        series.Sum(point => point.Rate * 16).ShouldBe(100, 0.001);
        record.Summary(TimeSpan.FromSeconds(16), TimeSpan.FromSeconds(32), null).Requests.ShouldBe(16);
    }

    [Fact]
    public void A_request_belongs_to_the_period_in_which_it_fell_due()
    {
        var record = new TrafficRecord(new TrafficOptions());
        Lane read = record.AddLane("app", "read");
        Lane write = record.AddLane("app", "write");
        record.Mark("expand", TimeSpan.FromSeconds(1));
        record.Add(read, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(3), failure: null);
        record.Add(write, TimeSpan.FromSeconds(1.1), TimeSpan.FromMilliseconds(2), new TimeoutException("late"));

        IReadOnlyList<TrafficPeriod> periods = record.Periods(TimeSpan.FromSeconds(5), null);
        periods
            .Select(period => (period.Name, period.Summary.Requests, period.Summary.Failed))
            .ShouldBe([("start", 1, 0), ("expand", 1, 1)]);
        record.Summary("app/write").Failed.ShouldBe(1);
        record.Summary("app/read").Failed.ShouldBe(0);
        record.Errors.ShouldHaveSingleItem().Message.ShouldBe("late");
    }

    [Fact]
    public void All_errors_are_counted_and_a_bounded_number_is_kept()
    {
        var record = new TrafficRecord(new TrafficOptions { MaxErrors = 3 });
        Lane lane = record.AddLane("app", "read");
        for (int i = 0; i < 10; i++)
            record.Add(lane, TimeSpan.Zero, TimeSpan.Zero, new TimeoutException());

        record.Errors.Count.ShouldBe(3);
        record.Summary(null).Failed.ShouldBe(10);
    }

    [Fact]
    public void Frozen_time_does_not_count()
    {
        var time = new StoppedTime();
        using var clock = new TrafficClock(time);
        time.Advance(TimeSpan.FromMilliseconds(500));
        clock.Now.ShouldBe(TimeSpan.FromMilliseconds(500));

        time.Advance(TimeSpan.FromMinutes(10));

        clock.Now.ShouldBe(TimeSpan.FromMilliseconds(500));
        clock.Frozen.ShouldBe(TimeSpan.FromMinutes(10));
    }

    private sealed class StoppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(_ => { }, null, Timeout.Infinite, Timeout.Infinite);
    }
}

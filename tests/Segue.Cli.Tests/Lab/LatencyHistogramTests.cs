using Segue.Lab.Traffic;

namespace Segue.Cli.Tests.Lab;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    [InlineData(1.0)]
    public void Quantiles_are_exact_to_two_percent_from_microseconds_to_minutes(double share)
    {
        var random = new Random(7);
        double[] microseconds =
        [
            .. Enumerable.Range(0, 20_000).Select(_ => Math.Exp(random.NextDouble() * Math.Log(300e6))).Order(),
        ];
        var histogram = new LatencyHistogram();
        foreach (double value in microseconds)
            histogram.Add(TimeSpan.FromMicroseconds(value));

        double exact = microseconds[(int)Math.Ceiling(share * microseconds.Length) - 1];
        histogram.Quantile(share).TotalMicroseconds.ShouldBe(exact, exact * 0.02);
    }

    [Fact]
    public void The_maximum_is_exact_and_bounds_every_quantile()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromMicroseconds(123_457));
        histogram.Max.ShouldBe(TimeSpan.FromMicroseconds(123_457));
        histogram.Quantile(0.99).ShouldBeLessThanOrEqualTo(histogram.Max);
    }

    [Fact]
    public void Merged_histograms_count_what_both_counted()
    {
        var fast = new LatencyHistogram();
        var slow = new LatencyHistogram();
        for (int i = 0; i < 99; i++)
            fast.Add(TimeSpan.FromMilliseconds(1));
        slow.Add(TimeSpan.FromSeconds(2));

        fast.Add(slow);

        fast.Count.ShouldBe(100);
        fast.Quantile(0.99).TotalMilliseconds.ShouldBe(1, 0.02);
        fast.Max.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void An_empty_histogram_has_no_latency() => new LatencyHistogram().Quantile(0.5).ShouldBe(TimeSpan.Zero);
}

namespace Segue.Lab.Traffic;

/// <summary>One point of a time series.</summary>
/// <param name="At">When its slice began, since the start of the traffic.</param>
/// <param name="Rate">Requests due per second.</param>
/// <param name="P50">Median latency.</param>
/// <param name="P99">99th percentile of the latency.</param>
/// <param name="Max">The slowest request.</param>
/// <param name="Failed">Failed requests.</param>
public sealed record TrafficPoint(TimeSpan At, double Rate, TimeSpan P50, TimeSpan P99, TimeSpan Max, long Failed);

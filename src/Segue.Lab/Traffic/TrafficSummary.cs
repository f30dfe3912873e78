namespace Segue.Lab.Traffic;

/// <summary>
/// How requests fared. Latencies count from the time a request was due, so that a stall counts for all who waited.
/// </summary>
/// <param name="Requests">All requests, failed ones included.</param>
/// <param name="Failed">Those that ended with an error.</param>
/// <param name="P50">The median latency, to about 2 %, as are the other quantiles.</param>
/// <param name="P95">95 of 100 requests were at least as fast.</param>
/// <param name="P99">99 of 100 requests were at least as fast.</param>
/// <param name="Max">The slowest request, exactly.</param>
public sealed record TrafficSummary(long Requests, long Failed, TimeSpan P50, TimeSpan P95, TimeSpan P99, TimeSpan Max);

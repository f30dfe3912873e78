namespace Segue.Lab.Traffic;

/// <summary>The requests that were due between one mark and the next.</summary>
/// <param name="Name">The mark's name; <c>start</c> before the first mark.</param>
/// <param name="From">When it began, since the start of the traffic.</param>
/// <param name="To">When it ended; now, for the last one.</param>
/// <param name="Summary">The results of its requests.</param>
public sealed record TrafficPeriod(string Name, TimeSpan From, TimeSpan To, TrafficSummary Summary);

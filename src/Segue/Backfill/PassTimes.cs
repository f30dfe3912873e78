namespace Segue.Backfill;

/// <summary>What the passes over a group took.</summary>
internal sealed record PassTimes
{
    private TimeSpan Total { get; init; }

    private int Count { get; init; }

    public TimeSpan Slowest { get; private init; }

    public TimeSpan Average => Count == 0 ? TimeSpan.Zero : Total / Count;

    public PassTimes And(TimeSpan took) =>
        new()
        {
            Total = Total + took,
            Count = Count + 1,
            Slowest = took > Slowest ? took : Slowest,
        };
}

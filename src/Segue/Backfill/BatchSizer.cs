namespace Segue.Backfill;

/// <summary>
/// Sizes ranges by the time they take: at most doubles, at least halves, from the first one on.
/// </summary>
internal sealed class BatchSizer(long first, TimeSpan target, long largest)
{
    /// <summary>How large the next range should be, in the engine's units.</summary>
    public long Units { get; private set; } = Math.Max(1, first);

    /// <summary>The next range is at most so large; later ones grow again.</summary>
    public void Limit(long units) => Units = Math.Clamp(units, 1, Units);

    /// <param name="units">What the last one had; perhaps fewer than was asked for.</param>
    public void Observe(long units, TimeSpan took)
    {
        double ratio = target / (took > TimeSpan.Zero ? took : TimeSpan.FromMilliseconds(0.1));
        double next = units * Math.Clamp(ratio, 0.5, 2);

        // At least one more block: neither the fixed cost of a batch nor rounding may keep a small batch small.
        Units = Math.Clamp(ratio > 1 ? Math.Max((long)next, units + 1) : (long)next, 1, largest);
    }
}

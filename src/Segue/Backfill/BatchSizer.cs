namespace Segue.Backfill;

/// <summary>
/// Sizes ranges by the time they take. The size at most doubles or halves from one range to the next. If a smaller
/// range is not faster, the former size is restored.
/// </summary>
internal sealed class BatchSizer(long first, TimeSpan target, long largest)
{
    /// <summary>The range that was too slow, until its smaller successor is judged; else null.</summary>
    private (long Units, TimeSpan Took)? _reduced;

    /// <summary>How large the next range should be, in the engine's units.</summary>
    public long Units { get; private set; } = Math.Max(1, first);

    /// <summary>The next range is at most so large; later ones grow again.</summary>
    public void Limit(long units)
    {
        Units = Math.Clamp(units, 1, Units);
        _reduced = null;
    }

    /// <param name="units">Units of the last range; may be fewer than requested.</param>
    public void Observe(long units, TimeSpan took)
    {
        double ratio = target / (took > TimeSpan.Zero ? took : TimeSpan.FromMilliseconds(0.1));
        double next = units * Math.Clamp(ratio, 0.5, 2);
        (long Units, TimeSpan Took)? reduced = _reduced;
        _reduced = null;
        if (ratio <= 1 && reduced is var (large, largeTook) && !Gain.IsWorthIt(large, largeTook, units, took))
        {
            next = large;
        }
        else if (ratio < 1)
        {
            _reduced = (units, took);
        }

        // At least one more block: neither the fixed cost of a batch nor rounding may keep a small batch small.
        Units = Math.Clamp(ratio > 1 ? Math.Max((long)next, units + 1) : (long)next, 1, largest);
    }
}

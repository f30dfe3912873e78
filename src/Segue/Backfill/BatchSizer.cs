namespace Segue.Backfill;

/// <summary>
/// Sizes ranges of blocks by the time they take: at most doubles, at least halves, from the first one on.
/// </summary>
internal sealed class BatchSizer(long first, TimeSpan target, long largest)
{
    /// <summary>Blocks the next range should have.</summary>
    public long Blocks { get; private set; } = Math.Max(1, first);

    /// <summary>The next range has at most so many blocks; later ones grow again.</summary>
    public void Limit(long blocks) => Blocks = Math.Clamp(blocks, 1, Blocks);

    /// <param name="blocks">What the last one had; perhaps fewer than was asked for.</param>
    public void Observe(long blocks, TimeSpan took)
    {
        double ratio = target / (took > TimeSpan.Zero ? took : TimeSpan.FromMilliseconds(0.1));
        double next = blocks * Math.Clamp(ratio, 0.5, 2);

        // One more at least: what a batch costs whatever its size must not keep a small one small, nor may rounding.
        Blocks = Math.Clamp(ratio > 1 ? Math.Max((long)next, blocks + 1) : (long)next, 1, largest);
    }
}

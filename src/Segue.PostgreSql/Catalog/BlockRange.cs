using Segue.Engines;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Blocks of a table, from <paramref name="Start"/> up to but not including <paramref name="End"/>. Rows are found by
/// their addresses, so no key is needed.
/// </summary>
/// <param name="Generation">Of the table when it was measured. It differs once the table was rewritten and blocks
/// contain other rows. Zero if that does not matter.</param>
internal sealed record BlockRange(long Start, long End, long Generation = 0) : RowRange
{
    public override long Units => End - Start;

    public override string Words => IsSmallest ? $"block {Start}" : $"blocks {Start}-{End}";

    public override RowRange After(RowRange head) => this with { Start = ((BlockRange)head).End };

    public BlockRange Head(long blocks) => this with { End = Math.Min(End, Start + Math.Max(1, blocks)) };

    public IEnumerable<BlockRange> Split(int parts)
    {
        long step = Math.Max(1, Units / parts);
        for (long start = Start; start < End; start += step)
        {
            yield return this with
            {
                Start = start,
                End = Math.Min(End, start + step),
            };
        }
    }
}

using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// The share of each page's rows that every pass fills, so that most new row versions find room on their own page
/// (heap-only updates): a pass updates as many rows as fit into the room that the pass before freed. The rows of the
/// first pass move to other pages; the fewer they are, the less the table grows.
/// </summary>
internal static class InPlace
{
    /// <summary>
    /// A number below 256 for each row, from its line pointer (the last byte of its address), spread evenly over the
    /// page by a
    /// multiplication with 256 divided by the golden ratio.
    /// </summary>
    public const string Share = "((get_byte(tidsend(ctid), 5) * 159) & 255)";

    /// <summary>
    /// For full pages of some dozens of rows. The steps shrink because each in-place update also costs a line pointer
    /// and the row's growth. Each pass reads
    /// the page again: measured on 2 million rows of 126 bytes (PostgreSQL 17), 16 such passes grow the table 1.15
    /// times instead of 1.18 and take an eighth longer;
    /// 8 equal ones grow it 1.23 times and are no faster.
    /// </summary>
    private static readonly int[] FullPages = [33, 64, 94, 122, 148, 173, 197, 219, 239, 256];

    /// <summary>All rows at once, if hardly any needs to be written.</summary>
    public static IReadOnlyList<int> OnePass { get; } = [256];

    private const int FewRowsPerPage = 16;

    /// <summary>
    /// Above this a page runs out of line pointers (291) before it runs out of room; more passes gain nothing.
    /// </summary>
    private const int ManyRowsPerPage = 140;

    public static IReadOnlyList<int> Passes(TableSize size, int fillFactor)
    {
        if (fillFactor < 100)
        {
            // Each pass fills the rows that fit into the free room; no row needs to move.
            return Even(Math.Clamp((int)Math.Ceiling(100.0 / (100 - fillFactor)), 1, 16));
        }

        double rowsPerPage = size.Pages > 0 && size.Rows > 0 ? size.Rows / size.Pages : FewRowsPerPage;
        return rowsPerPage is < FewRowsPerPage or > ManyRowsPerPage ? Even(8) : FullPages;
    }

    private static int[] Even(int passes) => [.. Enumerable.Range(1, passes).Select(pass => 256 * pass / passes)];
}

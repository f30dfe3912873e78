using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Rows;

namespace Segue.PostgreSql.Tests.Backfill;

/// <summary>In how many passes rows stay on their pages.</summary>
public class InPlaceTests
{
    [Theory]
    [InlineData(60, 100, 10)]
    [InlineData(16, 100, 10)]
    [InlineData(140, 100, 10)]
    [InlineData(15, 100, 8)]
    [InlineData(141, 100, 8)]
    [InlineData(60, 70, 4)]
    [InlineData(60, 50, 2)]
    [InlineData(60, 95, 16)]
    [InlineData(60, 10, 2)]
    public void The_number_of_passes_follows_the_rows_of_a_page_or_its_free_room(int rows, int fillFactor, int passes)
    {
        IReadOnlyList<int> shares = InPlace.Passes(new TableSize(8_192_000, 1000, rows * 1000), fillFactor);

        shares.Count.ShouldBe(passes);
        shares.ShouldBeInOrder();
        shares[^1].ShouldBe(256);
    }

    [Fact]
    public void A_table_without_a_row_count_is_filled_in_the_passes_of_full_pages() =>
        InPlace.Passes(new TableSize(0, 0, 0), 100).Count.ShouldBe(10);
}

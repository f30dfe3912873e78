using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Tests.Backfill;

public class BlockRangeTests
{
    private static readonly BlockRange Whole = new(10, 110, 7);

    [Fact]
    public void The_head_and_the_rest_of_a_range_cover_it_and_keep_its_table()
    {
        Whole.Head(30).ShouldBe(new BlockRange(10, 40, 7));
        Whole.After(Whole.Head(30)).ShouldBe(new BlockRange(40, 110, 7));
        Whole.After(Whole.Head(1000)).IsEmpty.ShouldBeTrue();
        Whole.Head(0).IsSmallest.ShouldBeTrue();
    }

    [Theory]
    [InlineData(100, 8, 9)]
    [InlineData(5, 8, 5)]
    [InlineData(1, 8, 1)]
    [InlineData(0, 8, 0)]
    public void Parts_follow_each_other_and_none_is_empty(long blocks, int wanted, int parts)
    {
        BlockRange[] split = [.. Whole.Head(blocks).Split(wanted)];
        if (blocks == 0)
        {
            split = [.. (Whole with { End = Whole.Start }).Split(wanted)];
        }

        split.Length.ShouldBe(parts);
        split.Sum(part => part.Units).ShouldBe(blocks);
        split.Zip(split.Skip(1)).ShouldAllBe(pair => pair.First.End == pair.Second.Start);
    }

    [Fact]
    public void A_range_is_written_as_its_first_block_and_the_block_after_its_last()
    {
        Whole.Words.ShouldBe("blocks 10-110");
        Whole.Head(1).Words.ShouldBe("block 10");
    }
}

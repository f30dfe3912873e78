using Segue.PostgreSql.Backfill;

namespace Segue.PostgreSql.Tests.Backfill;

public class PassShareTests
{
    [Theory]
    [InlineData(3, new[] { 100, 200, 256 })]
    [InlineData(1, new[] { 256 })]
    [InlineData(6, new[] { 42, 85, 128, 170, 213, 256 })]
    public void Pass_shares_are_planned_or_even_and_the_last_one_is_everything(int passes, int[] shares) =>
        Enumerable.Range(0, passes).Select(pass => PassShare.Of([100, 200, 256], pass, passes)).ShouldBe(shares);
}

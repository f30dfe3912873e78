using System.Text.Json;
using Segue.Ledger;

namespace Segue.Tests.Ledger;

/// <summary>When rows that are left after a repair are told and left.</summary>
public class VerdictTests
{
    private static readonly Verdict Before = new([Of(1000, 20, "id=1", "id=2")]);

    [Theory]
    [InlineData(1000, 10, true)]
    [InlineData(1000, 11, false)]
    [InlineData(5000, 50, true)]
    [InlineData(5000, 51, false)]
    public void Few_are_ten_or_one_in_a_hundred(long compared, long mismatches, bool areFew) =>
        new Verdict([Of(compared, mismatches, "id=3")]).HasOnlyFewOthersThan(Before).ShouldBe(areFew);

    [Fact]
    public void A_row_that_was_named_before_is_none_that_came_since() =>
        new Verdict([Of(1000, 1, "id=2")]).HasOnlyFewOthersThan(Before).ShouldBeFalse();

    [Fact]
    public void A_row_that_is_named_by_its_place_cannot_be_told_from_another() =>
        new Verdict([Of(1000, 1, "at (0,7)") with { NamesByPlace = true }])
            .HasOnlyFewOthersThan(Before)
            .ShouldBeFalse();

    [Fact]
    public void What_is_stored_of_rows_with_keys_is_what_was_stored_always()
    {
        JsonSerializer.Serialize(Before, JsonSerializerOptions.Web).ShouldNotContain("namesByPlace");
        Verdict placed = new([Before.Findings[0] with { NamesByPlace = true }]);
        string json = JsonSerializer.Serialize(placed, JsonSerializerOptions.Web);
        JsonSerializer.Deserialize<Verdict>(json, JsonSerializerOptions.Web)!.Findings[0].NamesByPlace.ShouldBeTrue();
    }

    private static Finding Of(long compared, long mismatches, params string[] samples) =>
        new("filled", "orders", compared, mismatches, samples, "Mend them.");
}

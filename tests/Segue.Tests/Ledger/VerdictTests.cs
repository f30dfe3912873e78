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
    public void Up_to_ten_rows_or_one_percent_count_as_few(long compared, long mismatches, bool areFew) =>
        new Verdict([Of(compared, mismatches, "id=3")]).HasOnlyFewOthersThan(Before).ShouldBe(areFew);

    [Fact]
    public void A_row_named_before_is_not_reported_as_new() =>
        new Verdict([Of(1000, 1, "id=2")]).HasOnlyFewOthersThan(Before).ShouldBeFalse();

    [Fact]
    public void Rows_named_by_their_place_are_not_compared() =>
        new Verdict([Of(1000, 1, "at (0,7)") with { NamesByPlace = true }])
            .HasOnlyFewOthersThan(Before)
            .ShouldBeFalse();

    [Fact]
    public void A_stored_verdict_with_keys_keeps_its_format()
    {
        JsonSerializer.Serialize(Before, JsonSerializerOptions.Web).ShouldNotContain("namesByPlace");
        Verdict placed = new([Before.Findings[0] with { NamesByPlace = true }]);
        string json = JsonSerializer.Serialize(placed, JsonSerializerOptions.Web);
        JsonSerializer.Deserialize<Verdict>(json, JsonSerializerOptions.Web)!.Findings[0].NamesByPlace.ShouldBeTrue();
    }

    private static Finding Of(long compared, long mismatches, params string[] samples) =>
        new("filled", "orders", compared, mismatches, samples, "Mend them.");
}

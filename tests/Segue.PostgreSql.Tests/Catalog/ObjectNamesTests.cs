using System.Text;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Tests.Catalog;

/// <summary>Names as the server's own <c>makeObjectName</c> makes them.</summary>
public class ObjectNamesTests
{
    [Theory]
    [InlineData("orders", "currency", "idx", "orders_currency_idx")]
    [InlineData("orders", "", "pkey", "orders_pkey")]
    public void A_short_name_consists_of_its_whole_parts(string table, string column, string label, string name) =>
        ObjectNames.Make(table, column, label).ShouldBe(name);

    [Fact]
    public void The_longer_part_of_a_long_name_is_cut_first()
    {
        ObjectNames
            .Make(new string('t', 60), "short", "idx")
            .ShouldBe($"{new string('t', 63 - "_short_idx".Length)}_short_idx");
        ObjectNames
            .Make(new string('t', 60), new string('c', 60), "key")
            .ShouldBe($"{new string('t', 29)}_{new string('c', 29)}_key");
    }

    [Fact]
    public void Clipping_never_splits_a_character()
    {
        string name = ObjectNames.Make(new string('ü', 40), "spalte", "idx");

        Encoding.UTF8.GetByteCount(name).ShouldBeLessThanOrEqualTo(63);
        name.ShouldEndWith("_spalte_idx");
        name.ShouldNotContain("\uFFFD");
    }
}

using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>Wrong change files: the place, what is wrong, exit code 2, and the database as it was.</summary>
public class BadInputTests
{
    private const string Place = $"changes/{Workshop.Change}.yaml:";

    public static TheoryData<string, string, string> Files =>
        new()
        {
            { "", $"{Place}1:1: ", "the file is empty" },
            { "operations: []", $"{Place}1:13: ", "'operations' is empty" },
            { "operations:\n  - add_colum:\n      table: orders", $"{Place}2:5: ", "did you mean 'add_column'?" },
            { "operations:\n  - add_column:\n      table: orders\n      name: currency", $"{Place}", "has no 'type'" },
            {
                "operations:\n  - add_column:\n      table: orders\n      name: currency\n      typ: text",
                $"{Place}5:7: ",
                "did you mean 'type'?"
            },
            {
                "operations:\n  - add_column:\n      table: orders\n      name: currency\n      type: "
                    + "text\n      nullable: perhaps",
                $"{Place}6:17: ",
                "must be true or false"
            },
            { "operations:\n  - add_column:\n      table: orders\n\t  name: currency", $"{Place}4:1: ", "tab" },
            {
                "operations:\n  - add_column:\n      table: orders\n      name: currency\n      type: "
                    + "text\n      type: int",
                $"{Place}6:7: ",
                "given twice"
            },
            {
                "operations:\n  - add_column:\n      table: orders\n      name: currency\n      type: "
                    + "text\n      nullable: false",
                $"{Place}6:17: ",
                "existing rows would have no value"
            },
            {
                "operations:\n  - add_column:\n      table: orders\n      name: currency\n      type: \"text",
                $"{Place}",
                "quot"
            },
        };

    public static TheoryData<string, string> Changes =>
        new()
        {
            { "table: order, name: currency, type: text", "there is no table order " },
            { "table: nowhere.orders, name: currency, type: text", "there is no table nowhere.orders " },
            { "table: orders, name: currency, type: txt", "type \"txt\" does not exist" },
            { "table: orders, name: region, type: text", "already has a column region" },
            {
                "table: orders, name: currency, type: text, backfill: \"regio || '1'\"",
                "column \"regio\" does not exist"
            },
            { "table: orders, name: currency, type: text, backfill: \"region ||\"", "syntax error" },
            { "table: orders, name: currency, type: int, backfill: \"region\"", "is of type integer but" },
            {
                "table: orders, name: currency, type: text, backfill: \"''; DROP TABLE orders; --\"",
                "is not one SQL expression"
            },
            {
                "table: orders, name: currency, type: text, backfill: \"'') FROM orders; --\"",
                "is not one SQL expression"
            },
            { "table: orders, name: currency, type: text, check: \"currency > 1\"", "operator does not exist" },
            {
                "table: orders, name: currency, type: text, references: { table: nowhere, column: code }",
                "there is no table nowhere "
            },
            { "table: orders, name: currency, type: text, references: { table: currencies, column: cod }", "cod" },
            { "table: \"orders; DROP TABLE orders\", name: currency, type: text", "there is no table " },
            {
                "table: orders, name: \"ein sehr langer Name, der mit seinen Umlauten öäü länger ist, als "
                    + "es einem Namen erlaubt ist\", type: text",
                "63"
            },
        };

    [Theory, MemberData(nameof(Files))]
    public async Task A_wrong_file_is_refused_with_line_and_column_before_a_connection_is_opened(
        string text,
        string place,
        string what
    )
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.Project.WriteChange(Workshop.Change, text);
        await ShouldBeRefusedAsync(shop, place, what);
    }

    [Theory, MemberData(nameof(Changes))]
    public async Task A_change_that_does_not_fit_the_database_is_refused_with_its_place_in_the_file(
        string keys,
        string what
    )
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.Project.WriteChange(Workshop.Change, $"operations:\n  - add_column: {{ {keys} }}\n");
        await ShouldBeRefusedAsync(shop, $"{Place}2:", what);
    }

    private static async Task ShouldBeRefusedAsync(Workshop shop, string place, string what)
    {
        IReadOnlyList<string> before = await shop.CatalogAsync();
        SegueResult ended = (await shop.RunAsync("apply")).ShouldExit(2);
        ended.Error.ShouldContain($"error: {place}");
        ended.Error.ShouldContain(Workshop.Change);
        ended.Error.ShouldContain(what);
        ended.Output.ShouldBeEmpty();
        (await shop.CatalogAsync()).ShouldBe(before);
        (await shop.Database.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(1000);
    }
}

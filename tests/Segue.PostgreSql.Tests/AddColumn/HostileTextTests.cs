using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// Texts that would like to be more than one expression are data or refused; nothing ever reaches beyond
/// its place.
/// </summary>
public class HostileTextTests
{
    private static readonly string[] Keys = ["default", "backfill", "derive", "check", "type"];

    private static readonly string[] Breakouts =
    [
        "1); DROP TABLE orders; --",
        "1; DROP TABLE orders",
        "1), amount = (0",
        "1) WHERE false; --",
        "'x') ; DROP TABLE orders",
        "'x",
        "\"x",
        "1 /* never closed",
        "/* /* */ 1",
        "(1",
        "1)",
        "[1",
        "1]",
        "$$x",
        "$a$ x $b$",
        "$1",
        "1 -- )\n); DELETE FROM orders; --",
        "'\\'; DROP TABLE orders; --'",
        ")) OR ((true",
        "1 FROM orders",
        "1 AS x, 2 AS y",
        "1 WHERE true",
        "1 ORDER BY 1",
        "DEFAULT",
        "*",
        "orders.*",
        "",
        " ",
        ";",
        "--",
        "/**/",
        "U&'\\0041' UESCAPE '!' )",
        "x'1",
        "B'1",
        "'a' 'b'",
        "1 )/*",
        "*/ 1 /*",
        "\\",
        "\u201c",
        "@p",
        ":p",
        "?",
    ];

    private static readonly (string Expression, string Value)[] Harmless =
    [
        ("'1); DROP TABLE orders; --'", "1); DROP TABLE orders; --"),
        ("'it''s; a \"test\"'", "it's; a \"test\""),
        ("E'\\'; DROP TABLE orders; --'", "'; DROP TABLE orders; --"),
        ("$$;'\"$$", ";'\""),
        ("$tag$ $$ ; ' $tag$", " $$ ; ' "),
        ("$ü$;$ü$", ";"),
        ("/* ; ' /* nested \" ; */ ) */ 'c'", "c"),
        ("'d' -- ; ' ) \"", "d"),
        ("U&'\\0041;'", "A;"),
        ("'{0} %s %% @p :p ? $1 ${x}'", "{0} %s %% @p :p ? $1 ${x}"),
        ("'名前 🙂 \u202e'", "名前 🙂 \u202e"),
        ("'a'\n'b'", "ab"),
        ("'x' || (ARRAY['y)', 'z]'])[1]", "xy)"),
        ("(chr(59))::text", ";"),
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task No_value_breaks_out_of_its_literal_in_the_SQL(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        List<string> taken = [];
        foreach (string text in Breakouts)
        {
            foreach (string key in Keys)
            {
                RunOutcome outcome = await TryAsync(db, text, key);
                if (outcome is not RunOutcome.Invalid)
                {
                    taken.Add($"{key}: {text} gave {outcome}");
                }
            }
        }

        taken.ShouldBeEmpty();
        (await db.ScalarAsync<long>("SELECT sum(amount) FROM orders")).ShouldBe(45150);
        (
            await db.ColumnAsync("SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0")
        ).ShouldBe(["id", "region", "amount", "note"]);
    }

    [Theory, PostgresVersions]
    public async Task SQL_inside_a_constant_or_comment_is_data(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string change =
            "operations:\n"
            + string.Concat(
                Harmless.SelectMany(
                    (text, n) =>
                        new[]
                        {
                            Column($"a{n}", "default", text.Expression),
                            Column($"b{n}", "backfill", $"coalesce(nullif(note, note), (\n{text.Expression}\n))"),
                            Column($"c{n}", "derive", $"left(region, 0) || ({text.Expression}\n)"),
                        }
                )
            );
        await db.MigrateAsync(change);
        for (int n = 0; n < Harmless.Length; n++)
        {
            (
                await db.ColumnAsync(
                    $"SELECT DISTINCT (a{n} = b{n} AND coalesce(c{n} = b{n}, region IS NULL)) || a{n} FROM orders"
                )
            ).ShouldBe(["true" + Harmless[n].Value]);
        }
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_backslash_before_a_quote_is_refused_because_servers_read_it_differently(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        Outcomes
            .Words(await TryAsync(db, "'\\'", "default"))
            .ShouldContain("it has a backslash before a quote in a plain string");
    }

    private static string Column(string name, string key, string text) =>
        $"  - add_column:\n      table: orders\n      name: {name}\n      type: text\n      {key}: "
        + $"{System.Text.Json.JsonSerializer.Serialize(text)}\n";

    private static async Task<RunOutcome> TryAsync(TestDatabase db, string text, string key)
    {
        string json = System.Text.Json.JsonSerializer.Serialize(text);
        try
        {
            return await db.ApplyAsync(
                "operations:\n  - add_column:\n      table: orders\n      name: "
                    + $"x\n{(key == "type" ? "" : "      type: text\n")}      {key}: {json}\n"
            );
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("is blank"))
        {
            return new RunOutcome.Invalid([]);
        }
    }
}

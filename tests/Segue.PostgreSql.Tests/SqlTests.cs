using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public class SqlTests
{
    public static TheoryData<string> Hostile =>
        [
            "plain",
            "Mixed Case",
            "a\"b",
            "a'b",
            "a\\b",
            "a\\'b",
            "select",
            "Zeile\nzwei",
            "日本語",
            "'); DROP TABLE x; --",
            "{0}",
            "%s",
            "$1",
            "$$",
            " ",
            "E'",
            "\\",
        ];

    [Theory, MemberData(nameof(Hostile))]
    public async Task A_literal_is_read_back_unchanged(string value)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[0]);
        (await db.ScalarAsync<string>($"SELECT {Sql.Literal(value)}")).ShouldBe(value);
        (
            await db.ScalarAsync<string>(
                $"SET standard_conforming_strings = off; SET backslash_quote = off; SELECT {Sql.Literal(value)}"
            )
        ).ShouldBe(value);
    }

    [Theory, MemberData(nameof(Hostile))]
    public async Task A_name_is_read_back_unchanged(string value)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[0]);
        await db.ExecuteAsync($"CREATE TABLE {Sql.Name(value)} ({Sql.Name(value)} int)");
        (
            await db.ScalarAsync<string>(
                "SELECT attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE "
                    + "attnum = 1 AND relnamespace = 'public'::regnamespace"
            )
        ).ShouldBe(value);
    }

    [Theory]
    [InlineData("abc", 2, "ab")]
    [InlineData("äöü", 4, "äö")]
    [InlineData("äöü", 5, "äö")]
    [InlineData("日本", 3, "日")]
    public void Clipping_a_name_keeps_characters_whole(string name, int bytes, string expected) =>
        Sql.Clip(name, bytes).ShouldBe(expected);
}

using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Types of every sort, filled from a row.</summary>
internal static class TypeCases
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'Happy');
            CREATE TYPE address AS (street text, "No." int);
            CREATE DOMAIN plain_text AS text;
            CREATE DOMAIN answer AS int DEFAULT 42;
            CREATE COLLATION upper_first (provider = icu, locale = 'und-u-kf-upper');
            CREATE SCHEMA shop;
            CREATE TYPE shop."Grüße" AS ENUM ('hello');
            """;

    private static readonly (string Type, string Expression)[] Types =
    [
        ("smallint", "amount % 100"),
        ("bigint", "amount * 10000000000"),
        ("numeric(12,2)", "amount / 3.0"),
        ("numeric", "amount / 3.0"),
        ("real", "amount / 3.0"),
        ("double precision", "sqrt(amount)"),
        ("boolean", "amount > 10"),
        ("varchar(20)", "left(note, 20)"),
        ("char(3)", "region"),
        ("bytea", "decode(md5(note), 'hex')"),
        ("date", "date '2020-01-31' + amount"),
        ("time(3)", "time '00:00' + amount * interval '1.23456 s'"),
        ("timestamp(3) with time zone", "to_timestamp(amount + 0.123456)"),
        ("timestamp", "timestamp '2020-01-01' + amount * interval '1 day'"),
        ("interval day to second", "amount * interval '1 hour'"),
        ("uuid", "md5(note)::uuid"),
        ("json", "json_build_object('b', amount, 'a', note)"),
        ("jsonb", "jsonb_build_object('b', amount)"),
        ("xml", "xmlelement(name a, note)"),
        ("point", "point(amount, 1)"),
        ("inet", "inet '10.0.0.0' + amount"),
        ("cidr", "'10.0.0.0/8'"),
        ("int[]", "ARRAY[amount, NULL]"),
        ("text[][]", "ARRAY[ARRAY[region, note]]"),
        ("numeric(5,1)[]", "ARRAY[amount / 3.0]"),
        ("int4range", "int4range(0, amount)"),
        ("tsvector", "to_tsvector('simple', note)"),
        ("bit(8)", "amount::bit(8)"),
        ("mood", "CASE WHEN amount > 9 THEN 'Happy' ELSE 'sad' END::mood"),
        ("mood[]", "ARRAY['it''s ok'::mood]"),
        ("address", "ROW(region, amount)::address"),
        ("address[]", "ARRAY[ROW(region, amount)::address]"),
        ("plain_text", "note"),
        ("answer", "amount"),
        ("shop.\"Grüße\"", "'hello'"),
        ("\"char\"", "'x'"),
        ("name", "region::name"),
        ("oid", "amount::oid"),
        ("regclass", "'currencies'::regclass"),
    ];

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        AllTypes("Every type, backfilled", (type, expression) => $"backfill: \"{Escaped(expression)}\""),
        AllTypes("Every type, derived", (type, expression) => $"derive: \"{Escaped(expression)}\""),
        One(
            "A json column",
            "json",
            "nullable: false, derive: \"json_build_object('a', note, 'b', amount)\"",
            "json_build_object('a', note, 'b', amount)",
            ", ALTER extra SET NOT NULL"
        ),
        One(
            "A point column",
            "point",
            "nullable: false, backfill: \"point(amount, amount)\"",
            "point(amount, amount)",
            ", ALTER extra SET NOT NULL"
        ),
        One(
            "An array column with a default",
            "int[]",
            "nullable: false, default: \"'{}'\", backfill: \"ARRAY[amount]\"",
            "ARRAY[amount]",
            ", ALTER extra SET NOT NULL, ALTER extra SET DEFAULT '{}'"
        ),
        One(
            "An enum with a default label",
            "mood",
            "nullable: false, default: \"'it''s ok'\"",
            "'it''s ok'",
            ", ALTER extra SET NOT NULL, ALTER extra SET DEFAULT 'it''s ok'"
        ),
        One(
            "A composite column whose fields may be NULL",
            "address",
            "backfill: \"ROW(region, amount)::address\"",
            "ROW(region, amount)::address"
        ),
        One(
            "A NOT NULL composite column whose fields may be NULL",
            "address",
            "nullable: false, backfill: \"ROW(region, NULL)::address\"",
            "ROW(region, NULL)::address",
            ", ALTER extra SET NOT NULL"
        ),
        One(
            "A derived composite column whose fields are all NULL for some rows",
            "address",
            "derive: \"ROW(region, NULL)::address\"",
            "ROW(region, NULL)::address"
        ),
        One(
            "A domain with a default of its own, backfilled",
            "answer",
            "backfill: \"CASE WHEN amount > 100 THEN amount END\"",
            "CASE WHEN amount > 100 THEN amount END"
        ),
        One("A domain with a default of its own, backfilled with a constant", "answer", "backfill: 7", "7"),
        One(
            "A column of another collation",
            "text",
            "collation: upper_first, derive: region, index: true, check: \"extra <> 'never'\"",
            "region",
            "",
            "COLLATE upper_first",
            "CREATE INDEX ON orders (extra); ALTER TABLE orders ADD CHECK (extra <> 'never')"
        ),
        One(
            "A unique varchar filled from a number",
            "varchar(10)",
            "nullable: false, backfill: amount, unique: true",
            "amount",
            ", ALTER extra SET NOT NULL, ADD UNIQUE (extra)"
        ),
    ];

    private static string Escaped(string expression) => expression.Replace("\\", "\\\\").Replace("\"", "\\\"");

    private static ChangeCase AllTypes(string name, Func<string, string, string> fill) =>
        new()
        {
            Name = name,
            Setup = Setup,
            File = Cases.Adds(
                Types.Select(
                    (each, n) =>
                        $"table: orders, name: c{n}, type: \"{Escaped(each.Type)}\", {fill(each.Type, each.Expression)}"
                )
            ),
            Plain = $"""
                ALTER TABLE orders {string.Join(", ", Types.Select((each, n) => $"ADD COLUMN c{n} {each.Type}"))};
                UPDATE orders SET {string.Join(", ", Types.Select((each, n) => $"c{n} = {each.Expression}"))};
                """,
        };

    private static ChangeCase One(
        string name,
        string type,
        string keys,
        string expression,
        string then = "",
        string collate = "",
        string after = ""
    ) =>
        new()
        {
            Name = name,
            Setup = Setup,
            File = Cases.Adds($"table: orders, name: extra, type: \"{type}\", {keys}"),
            Plain =
                $"ALTER TABLE orders ADD COLUMN extra {type} {collate}; UPDATE orders SET extra = "
                + $"{expression}; ALTER TABLE orders ALTER extra SET STATISTICS -1{then}; {after}",
        };
}

using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Nullable or not, with a default or none, and every kind of backfill.</summary>
internal static class FillCases
{
    private const string Default = "'by default'";

    private static readonly bool[] YesAndNo = [true, false];

    private static readonly (string Name, string? Expression)[] Backfills =
    [
        ("no", null),
        ("a constant", "'constant'"),
        ("a row's", "coalesce(region, 'none')"),
        ("a sometimes NULL", "CASE region WHEN 'eu' THEN 'EUR' END"),
        ("a volatile", "coalesce(region, '') || clock_timestamp()"),
    ];

    public static IEnumerable<ChangeCase> All =>
        [
            .. from nullable in YesAndNo
            from withDefault in YesAndNo
            from backfill in Backfills
            where nullable || (withDefault || backfill.Expression is not null) && backfill.Name != "a sometimes NULL"
            select Case(nullable, withDefault ? Default : null, backfill),
            Case(nullable: true, "md5(random()::text)", ("no", null)) with
            {
                Name = "A nullable column with a volatile default",
                ComparesRows = false,
                Holds = "SELECT count(DISTINCT extra) = count(*) FROM orders",
            },
            Case(nullable: false, "md5(random()::text)", ("no", null)) with
            {
                Name = "A NOT NULL column with a volatile default",
                ComparesRows = false,
                Holds = "SELECT count(DISTINCT extra) = count(*) FROM orders",
            },
            Case(nullable: false, "md5(random()::text)", ("", "'old'")) with
            {
                Name = "A NOT NULL column with a volatile default for new rows only",
            },
            Case(nullable: false, "now()::text", ("no", null)) with
            {
                Name = "A NOT NULL column with a stable default",
                ComparesRows = false,
                Holds = "SELECT count(DISTINCT extra) = 1 FROM orders",
            },
        ];

    private static ChangeCase Case(bool nullable, string? @default, (string Name, string? Expression) backfill)
    {
        string[] keys =
        [
            "table: orders, name: extra, type: text",
            .. nullable ? Array.Empty<string>() : ["nullable: false"],
            .. @default is null ? Array.Empty<string>() : [$"default: \"{@default}\""],
            .. backfill.Expression is null ? Array.Empty<string>() : [$"backfill: \"{backfill.Expression}\""],
        ];
        bool isVolatile = backfill.Name == "a volatile";
        return new ChangeCase
        {
            Name =
                $"A {(nullable ? "nullable" : "NOT NULL")} column with {(@default is null ? "no" : "a")} "
                + $"default and {backfill.Name} backfill",
            Setup = Cases.Orders,
            File = Cases.Adds(string.Join(", ", keys)),
            Plain = $"""
                ALTER TABLE orders ADD COLUMN extra text {(@default is null ? "" : $"DEFAULT {@default}")};
                {(backfill.Expression is null ? "" : $"UPDATE orders SET extra = {backfill.Expression};")}
                {(nullable ? "" : "ALTER TABLE orders ALTER COLUMN extra SET NOT NULL;")}
                """,
            ComparesRows = !isVolatile,
            Holds = isVolatile ? "SELECT count(DISTINCT extra) = count(*) FROM orders" : null,
        };
    }
}

using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Columns that go: KEEP stands where the file says how long they are kept.</summary>
internal static class DropColumnCases
{
    private const string Partitions = """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind text NOT NULL, note text,
            PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_2 (kind text NOT NULL, note text, at date NOT NULL, id int NOT NULL);
        ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
        CREATE INDEX ON events (kind);
        INSERT INTO events SELECT n, '2026-01-01'::date + n % 59, 'k' || n, n FROM generate_series(1, 200) n;
        """;

    private static readonly ChangeCase[] All =
    [
        Case("a column", "{ table: orders, name: noteKEEP }", "ALTER TABLE orders DROP note"),
        Case(
            "a column with all that may belong to it alone",
            "{ table: orders, name: regionKEEP }",
            "ALTER TABLE orders DROP region",
            """
            UPDATE orders SET region = id WHERE region IS NOT NULL;
            ALTER TABLE orders ADD CONSTRAINT one UNIQUE (region), ADD CONSTRAINT short CHECK (length(region) < 10),
                ALTER region SET STATISTICS 50, ALTER region SET STORAGE EXTERNAL;
            CREATE INDEX of_lower ON orders (lower(region)); CREATE INDEX part_of ON orders (region)
                WHERE amount > 5; CREATE STATISTICS both_of ON region, amount FROM orders;
            COMMENT ON COLUMN orders.region IS 'Where'; GRANT UPDATE (region) ON orders TO pg_monitor;
            """
        ),
        Case(
            "NOT NULL with a default, of any type and name",
            "{ table: orders, name: \"Or'd; \\\"er\\\" ÜüÜü, which is as long as a name can be, no long\"KEEP }",
            "ALTER TABLE orders DROP \"Or'd; \"\"er\"\" ÜüÜü, which is as long as a name can be, no long\"",
            "ALTER TABLE orders ADD \"Or'd; \"\"er\"\" ÜüÜü, which is as long as a name can be, no long\" json NOT "
                + "NULL DEFAULT '{\"a\": 1}';"
        ),
        Case(
            "NOT NULL, with a default given",
            "{ table: orders, name: amount, default: \"0\"KEEP }",
            "ALTER TABLE orders DROP amount",
            "ALTER TABLE orders ADD CHECK (amount >= 0);"
        ),
        Case(
            "NOT NULL, computed for new code",
            "{ table: orders, name: amount, down: length(note)KEEP }",
            "ALTER TABLE orders DROP amount"
        ),
        Case(
            "with foreign keys",
            "{ table: bills, name: codeKEEP }\n  - drop_column: { table: bills, name: parentKEEP }",
            "ALTER TABLE bills DROP code, DROP parent",
            """
            CREATE TABLE bills (id int PRIMARY KEY, code char(3) NOT NULL DEFAULT 'USD' CONSTRAINT of_currency
                REFERENCES currencies ON UPDATE CASCADE, parent int REFERENCES bills ON DELETE SET NULL);
            COMMENT ON CONSTRAINT of_currency ON bills IS 'what it is paid in';
            INSERT INTO bills SELECT n, 'EUR', nullif(n - 1, 0) FROM generate_series(1, 50) n;
            """
        ),
        Case(
            "that the server gives values",
            "{ table: misc, name: aKEEP }\n  - drop_column: { table: misc, name: bKEEP }\n  - drop_column: { table: "
                + "misc, name: cKEEP }\n  - drop_column: { table: misc, name: dKEEP }",
            "ALTER TABLE misc DROP a, DROP b, DROP c, DROP d",
            "CREATE DOMAIN sure AS text DEFAULT 'x' NOT NULL; CREATE TABLE misc (gone int, a serial, b bigint "
                + "GENERATED ALWAYS AS IDENTITY, c int GENERATED ALWAYS AS (e * 2) STORED, d sure, e int); "
                + "ALTER TABLE misc DROP gone; INSERT INTO misc (e) SELECT generate_series(1, 9);"
        ),
        Case("of partitions", "{ table: events, name: noteKEEP }", "ALTER TABLE events DROP note", Partitions),
        Case(
            "of partitions, NOT NULL, computed for new code",
            "{ table: events, name: kind, down: \"'k' || id\"KEEP }",
            "ALTER TABLE events DROP kind",
            Partitions
        ),
        Case(
            "of partitions, NOT NULL, with a default given",
            "{ table: events, name: kind, default: \"'none'\"KEEP }",
            "ALTER TABLE events DROP kind",
            Partitions
        ),
    ];

    public static IReadOnlyList<ChangeCase> Kept { get; } = Keeping("");

    public static IReadOnlyList<ChangeCase> AtOnce { get; } = Keeping(", keep: 0d");

    private static ChangeCase[] Keeping(string keep) =>
        [.. All.Select(each => each with { File = each.File.Replace("KEEP", keep) })];

    private static ChangeCase Case(string name, string operation, string plain, string setup = "") =>
        new()
        {
            Name = $"Dropped: {name}",
            Setup = Cases.Orders + setup,
            File = $"operations:\n  - drop_column: {operation}",
            Plain = plain,
        };
}

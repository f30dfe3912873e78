using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Rows that get other values, or go.</summary>
internal static class RowCases
{
    private const string Partitions = """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_d PARTITION OF events DEFAULT;
        INSERT INTO events SELECT n, date '2026-01-01' + n % 90, 'kind ' || n % 7 FROM generate_series(1, 300) n;
        """;

    private const string Odd = """
        CREATE SCHEMA "My App"; CREATE TYPE "My App".mood AS ENUM ('ok', 'so "so"');
        CREATE TABLE "My App"."Order; --" ("Id" int, "select" varchar(10), mood "My App".mood, doc json,
            at timestamptz DEFAULT '2026-01-01', twice int GENERATED ALWAYS AS ("Id" * 2) STORED);
        INSERT INTO "My App"."Order; --" SELECT n, CASE WHEN n % 2 = 0 THEN 'x' || n END, 'ok', '{"a": 1}'
            FROM generate_series(1, 200) n;
        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "a backfill of those it changes",
            "backfill: { table: orders, set: { region: upper(region) } }",
            "UPDATE orders SET region = upper(region)"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a backfill of some rows, two columns",
            "backfill: { table: orders, set: { region: \"'x'\", amount: 0 }, where: \"region IS NULL AND "
                + "amount % 2 = 0\" }",
            "UPDATE orders SET region = 'x', amount = 0 WHERE region IS NULL AND amount % 2 = 0"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a backfill from another table",
            "backfill: { table: orders, set: { note: \"(SELECT name FROM currencies c WHERE c.code = 'EUR')\" } }",
            "UPDATE orders SET note = 'euro'"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a volatile backfill whose condition ends it",
            "backfill: { table: orders, set: { note: \"gen_random_uuid()::text\" }, where: length(note) < "
                + "36 OR note IS NULL }",
            "UPDATE orders SET note = note WHERE false"
        ) with
        {
            KeepsWhatItFilled = true,
            ComparesRows = false,
            Holds = "SELECT count(*) = 300 AND count(DISTINCT note) > 200 FROM orders WHERE length(note) >= 36",
        },
        Case(
            "odd names and types without equality",
            "backfill: { table: { schema: My App, name: \"Order; --\" }, set: { select: "
                + "\"left(\\\"select\\\", 1)\", mood: \"'so \\\"so\\\"'\", doc: \"'{}'\", at: \"'2026-02-03 "
                + "04:05'\" } }",
            "UPDATE \"My App\".\"Order; --\" SET \"select\" = left(\"select\", 1), mood = 'so \"so\"', doc "
                + "= '{}', at = '2026-02-03 04:05'",
            Odd
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a backfill of a partitioned table, rows that move to another partition among them",
            "backfill: { table: events, set: { kind: \"'k'\", at: \"date '2026-03-01'\" }, where: id % 3 = 0 }",
            "UPDATE events SET kind = 'k', at = '2026-03-01' WHERE id % 3 = 0",
            Partitions
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "two backfills and a new column that one reads",
            "add_column: { table: orders, name: label, type: text, backfill: amount::text }\n  - backfill: "
                + "{ table: orders, set: { region: \"coalesce(region, 'none')\" } }\n  - backfill: { table: "
                + "orders, set: { note: \"coalesce(label, 'none')\" } }",
            "ALTER TABLE orders ADD label text; UPDATE orders SET label = amount::text, region = "
                + "coalesce(region, 'none'), note = amount::text"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case("rows that go", "prune: { table: orders, where: amount > 100 }", "DELETE FROM orders WHERE amount > 100"),
        Case(
            "rows that go into an archive",
            "prune: { table: orders, where: region IS NULL, archive: old }",
            "INSERT INTO old OVERRIDING SYSTEM VALUE SELECT * FROM orders WHERE region IS NULL; DELETE "
                + "FROM orders WHERE region IS NULL",
            "CREATE TABLE old (LIKE orders INCLUDING ALL);"
        ),
        Case(
            "old rows that go, by the clock, children with them",
            "prune: { table: orders, where: \"id < 100 AND now() > '2026-01-01'\" }",
            "DELETE FROM orders WHERE id < 100",
            "CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, n int); INSERT INTO "
                + "lines SELECT n, n FROM generate_series(1, 300) n;"
        ),
        Case(
            "rows of a partitioned table that go",
            "prune: { table: events, where: id % 2 = 0 }\n  - prune: { table: events, where: \"kind = 'kind 1'\" }",
            "DELETE FROM events WHERE id % 2 = 0 OR kind = 'kind 1'",
            Partitions
        ),
        Case(
            "rows of a table with generated columns, kept",
            "prune: { table: { schema: My App, name: \"Order; --\" }, where: \"\\\"Id\\\" > 50\", archive: "
                + "{ schema: My App, name: old } }",
            "INSERT INTO \"My App\".old (\"Id\", \"select\", mood, doc, at) SELECT \"Id\", \"select\", "
                + "mood, doc, at FROM \"My App\".\"Order; --\" WHERE \"Id\" > 50; DELETE FROM \"My App\".\"Order; "
                + "--\" WHERE \"Id\" > 50",
            Odd + "CREATE TABLE \"My App\".old (LIKE \"My App\".\"Order; --\" INCLUDING ALL);"
        ),
    ];

    private static ChangeCase Case(string name, string operation, string plain, string setup = "") =>
        new()
        {
            Name = $"Rows: {name}",
            Setup = Cases.Orders + setup,
            File = $"operations:\n  - {operation}",
            Plain = plain,
        };
}

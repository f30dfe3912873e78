using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Columns that are there get other attributes.</summary>
internal static class AlterColumnCases
{
    private const string Partitions = """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind varchar(20), note text) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_d PARTITION OF events DEFAULT;
        CREATE INDEX ON events (kind);
        INSERT INTO events SELECT n, date '2026-01-01' + n % 90, CASE WHEN n % 3 > 0 THEN 'kind ' || n % 7 END, NULL
            FROM generate_series(1, 300) n;
        """;

    private const string Odd = """
        CREATE SCHEMA "My App"; CREATE TYPE "My App".pair AS (a int, b int);
        CREATE TABLE "My App"."Order; --" ("Id" int, "select" varchar(10) DEFAULT 'it''s', p "My App".pair,
            v numeric(8,2), t text COLLATE "C", note text);
        COMMENT ON COLUMN "My App"."Order; --"."select" IS 'it''s "old"';
        INSERT INTO "My App"."Order; --" SELECT n, CASE WHEN n % 2 = 0 THEN 'x' || n END, CASE n % 3
            WHEN 0 THEN ROW(n, NULL)::"My App".pair WHEN 1 THEN ROW(NULL, NULL)::"My App".pair END, n, 't', NULL
            FROM generate_series(1, 200) n;
        """;

    private const string OddTable = "table: { schema: My App, name: \"Order; --\" }";

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "a default set",
            "table: orders, name: note, default: \"lower('NOTE') || now()::text\"",
            "ALTER TABLE orders ALTER note SET DEFAULT lower('NOTE') || now()::text"
        ),
        Case(
            "a default set instead of another",
            $"{OddTable}, name: select, default: \"'50% {{}} \\\\ ''quoted'''\"",
            "ALTER TABLE \"My App\".\"Order; --\" ALTER \"select\" SET DEFAULT '50% {} \\ ''quoted'''",
            Odd
        ),
        Case(
            "a default dropped",
            $"{OddTable}, name: select, drop_default: true",
            "ALTER TABLE \"My App\".\"Order; --\" ALTER \"select\" DROP DEFAULT",
            Odd
        ),
        Case(
            "a comment set and one dropped",
            $"{OddTable}, name: select, drop_comment: true }}\n  - alter_column: {{ {OddTable}, name: "
                + "note, comment: \"it's\\nnew\"",
            "COMMENT ON COLUMN \"My App\".\"Order; --\".\"select\" IS NULL; COMMENT ON COLUMN \"My "
                + "App\".\"Order; --\".note IS E'it''s\\nnew'",
            Odd
        ),
        Case(
            "statistics, storage and compression",
            "table: orders, name: note, statistics: 500, storage: external, compression: pglz",
            "ALTER TABLE orders ALTER note SET STATISTICS 500, ALTER note SET STORAGE EXTERNAL, ALTER note "
                + "SET COMPRESSION pglz"
        ),
        Case(
            "statistics back to the server's default",
            "table: orders, name: note, statistics: -1, storage: extended, compression: default",
            "ALTER TABLE orders ALTER note SET STATISTICS -1, ALTER note SET STORAGE EXTENDED, ALTER note "
                + "SET COMPRESSION DEFAULT",
            "ALTER TABLE orders ALTER note SET STATISTICS 5, ALTER note SET STORAGE MAIN, ALTER note SET "
                + "COMPRESSION pglz;"
        ),
        Case(
            "NOT NULL dropped",
            "table: orders, name: amount, nullable: true",
            "ALTER TABLE orders ALTER amount DROP NOT NULL"
        ),
        Case(
            "NOT NULL of rows that have a value",
            "table: orders, name: note, nullable: false",
            "ALTER TABLE orders ALTER note SET NOT NULL"
        ),
        Case(
            "NOT NULL with a backfill",
            "table: orders, name: region, nullable: false, backfill: \"'none-' || amount\"",
            "UPDATE orders SET region = 'none-' || amount WHERE region IS NULL; ALTER TABLE orders ALTER "
                + "region SET NOT NULL"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "NOT NULL with a constant backfill and a default",
            "table: orders, name: region, nullable: false, backfill: \"'eu'\", default: \"'us'\"",
            "UPDATE orders SET region = 'eu' WHERE region IS NULL; ALTER TABLE orders ALTER region SET NOT "
                + "NULL, ALTER region SET DEFAULT 'us'"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "NOT NULL of a row type, with a backfill",
            $"{OddTable}, name: p, nullable: false, backfill: \"ROW(1, \\\"Id\\\")::\\\"My App\\\".pair\"",
            "UPDATE \"My App\".\"Order; --\" SET p = ROW(1, \"Id\")::\"My App\".pair WHERE p IS NOT "
                + "DISTINCT FROM NULL; ALTER TABLE \"My App\".\"Order; --\" ALTER p SET NOT NULL",
            Odd
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "NOT NULL with a backfill beside a new column, both filled",
            "table: orders, name: region, nullable: false, backfill: note }\n  - add_column: { table: "
                + "orders, name: label, type: text, nullable: false, backfill: \"amount::text\" }\n  - "
                + "alter_column: { table: orders, name: amount, nullable: true, statistics: 7",
            "UPDATE orders SET region = coalesce(region, note); ALTER TABLE orders ALTER region SET NOT "
                + "NULL, ADD label text; UPDATE orders SET label = amount::text; ALTER TABLE orders ALTER label "
                + "SET NOT NULL, ALTER amount DROP NOT NULL, ALTER amount SET STATISTICS 7"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a partitioned table's NOT NULL with a backfill, and attributes",
            "table: events, name: kind, nullable: false, backfill: \"'kind ' || id\", default: \"'none'\", "
                + "statistics: 50, comment: what }\n  - alter_column: { table: events, name: note, storage: "
                + "external",
            "UPDATE events SET kind = 'kind ' || id WHERE kind IS NULL; ALTER TABLE events ALTER kind SET "
                + "NOT NULL, ALTER kind SET DEFAULT 'none', ALTER kind SET STATISTICS 50, ALTER note SET STORAGE "
                + "EXTERNAL; COMMENT ON COLUMN events.kind IS 'what'",
            Partitions
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a wider varchar, indexed",
            "table: names, name: n, type: varchar(200)",
            "ALTER TABLE names ALTER n TYPE varchar(200)",
            Names
        ),
        Case(
            "varchar that becomes text, indexed",
            "table: names, name: n, type: text",
            "ALTER TABLE names ALTER n TYPE text",
            Names
        ),
        Case(
            "a wider type that keeps its collation, storage and compression",
            $"{OddTable}, name: kept, type: text",
            "ALTER TABLE \"My App\".\"Order; --\" ALTER kept TYPE text COLLATE \"C\", ALTER kept SET "
                + "STORAGE EXTERNAL, ALTER kept SET COMPRESSION pglz",
            Odd
                + "ALTER TABLE \"My App\".\"Order; --\" ADD kept varchar(10) COLLATE \"C\", ALTER kept SET "
                + "STORAGE EXTERNAL, ALTER kept SET COMPRESSION pglz; CREATE INDEX ON \"My App\".\"Order; "
                + "--\" (kept);"
        ),
        Case(
            "a wider numeric",
            $"{OddTable}, name: v, type: \"numeric(20,2)\"",
            "ALTER TABLE \"My App\".\"Order; --\" ALTER v TYPE numeric(20,2)",
            Odd
        ),
        Case(
            "another collation without an index",
            $"{OddTable}, name: t, collation: POSIX",
            "ALTER TABLE \"My App\".\"Order; --\" ALTER t TYPE text COLLATE \"POSIX\"",
            Odd
        ),
        Case(
            "a wider type of a partitioned table, with more",
            "table: events, name: kind, type: text, nullable: false, backfill: \"'x'\", default: \"'y'\"",
            "UPDATE events SET kind = 'x' WHERE kind IS NULL; ALTER TABLE events ALTER kind SET NOT NULL; "
                + "ALTER TABLE events ALTER kind TYPE text, ALTER kind SET DEFAULT 'y'",
            Partitions
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a wider type under views, with all that they have",
            "table: goods, name: code, type: text }\n  - alter_column: { table: goods, name: price, type: "
                + "\"numeric(12,2)\"",
            $"{DropViews} ALTER TABLE goods ALTER code TYPE text, ALTER price TYPE numeric(12,2); {Views}",
            Goods + Views
        ),
        Case(
            "a wider type under triggers and policies",
            "table: goods, name: code, type: text",
            $"{DropGuards} DROP TRIGGER \"On ce\" ON goods; DROP POLICY other ON goods; ALTER TABLE goods "
                + $"ALTER code TYPE text; {Guards}",
            Goods + Guards
        ),
        Case(
            "a wider type, filled, and read by a new column, beside a trigger",
            "table: goods, name: code, type: text, nullable: false, backfill: \"'none'\" }\n  - "
                + "add_column: { table: goods, name: lower, type: text, derive: lower(code)",
            "UPDATE goods SET code = 'none' WHERE code IS NULL; ALTER TABLE goods ALTER code SET NOT NULL, "
                + "ALTER code TYPE text, ADD lower text; UPDATE goods SET lower = lower(code)",
            Goods
                + "UPDATE goods SET code = NULL WHERE id % 3 = 0; CREATE TRIGGER touch BEFORE UPDATE ON "
                + "goods FOR EACH ROW EXECUTE FUNCTION noted();"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "a wider type with a default that only it can take",
            "table: goods, name: code, type: text, default: \"'a code of more than twenty letters'\"",
            "ALTER TABLE goods ALTER code TYPE text, ALTER code SET DEFAULT 'a code of more than twenty letters'",
            Goods
        ),
        Case(
            "a wider type under CHECKs",
            "table: goods, name: code, type: varchar(30)",
            $"{DropChecks} ALTER TABLE goods ALTER code TYPE varchar(30); {Checks}",
            Goods + Checks
        ),
        Case(
            "text instead of varchar under CHECKs and a view",
            "table: goods, name: code, type: text",
            $"DROP VIEW cheap; {DropChecks} ALTER TABLE goods ALTER code TYPE text; {Checks} CREATE VIEW "
                + "cheap AS SELECT code FROM goods WHERE price < 3",
            Goods + Checks + "CREATE VIEW cheap AS SELECT code FROM goods WHERE price < 3;"
        ),
        Case(
            "a wider type under views of other schemas that are named alike",
            "table: goods, name: code, type: text",
            "DROP VIEW above, v1.sold, v1.all_sold, v2.goods, v1.goods, v1.shown, v2.shown; ALTER TABLE "
                + $"goods ALTER code TYPE text; {Alike}",
            Goods + "CREATE SCHEMA v1; CREATE SCHEMA v2;" + Alike
        ),
        Case(
            "another collation under a view",
            "table: goods, name: code, collation: POSIX",
            "DROP VIEW cheap; ALTER TABLE goods ALTER code TYPE varchar(20) COLLATE \"POSIX\"; CREATE VIEW "
                + "cheap AS SELECT code FROM goods WHERE price < 3",
            Goods + "CREATE VIEW cheap AS SELECT code FROM goods WHERE price < 3;"
        ),
        Case(
            "a wider type of a partitioned table under a view and a trigger",
            "table: events, name: kind, type: text",
            "DROP VIEW kinds; DROP TRIGGER told ON events; ALTER TABLE events ALTER kind TYPE text; CREATE "
                + "VIEW kinds AS SELECT kind, count(*) FROM events GROUP BY kind; CREATE TRIGGER told AFTER "
                + "UPDATE OF kind ON events FOR EACH ROW WHEN (NEW.kind <> 'x') EXECUTE FUNCTION noted()",
            Partitions
                + Noted
                + "CREATE VIEW kinds AS SELECT kind, count(*) FROM events GROUP BY kind; CREATE TRIGGER told "
                + "AFTER UPDATE OF kind ON events FOR EACH ROW WHEN (NEW.kind <> 'x') EXECUTE FUNCTION "
                + "noted();"
        ),
    ];

    private const string Noted = "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';";

    private const string Goods =
        Noted
        + """
            CREATE TABLE goods (id int PRIMARY KEY, code varchar(20), price numeric(8,2));
            INSERT INTO goods SELECT n, 'c' || n, n FROM generate_series(1, 100) n;
            CREATE TABLE sold (id int, code text);
            CREATE SCHEMA "Re ports";
            """;

    // The younger is made first and read by the older: what was made first cannot always be made first again.
    private const string Views = """
        CREATE VIEW "Re ports"."all; --" WITH (security_barrier = true) AS SELECT id, code AS "Code", price FROM goods
            WHERE price > 1;
        CREATE OR REPLACE VIEW twice AS SELECT "Code", sum(price) AS sum FROM "Re ports"."all; --"
            JOIN sold ON sold.code = "Code" GROUP BY 1;
        CREATE VIEW third AS SELECT t.*, g.price FROM twice t LEFT JOIN goods g ON g.code = t."Code"
            WHERE g.price > ALL (SELECT price FROM goods);
        CREATE VIEW writable AS SELECT id, code, price FROM goods WHERE code LIKE 'c%' WITH CASCADED CHECK OPTION;
        ALTER VIEW writable ALTER COLUMN code SET DEFAULT 'c''new'::varchar;
        ALTER VIEW twice OWNER TO pg_monitor;
        GRANT SELECT ON twice TO PUBLIC; GRANT SELECT (id), UPDATE (code) ON writable TO pg_monitor WITH GRANT OPTION;
        GRANT INSERT, SELECT ON "Re ports"."all; --" TO pg_monitor;
        REVOKE DELETE ON writable FROM CURRENT_USER;
        COMMENT ON VIEW third IS 'it''s \ third'; COMMENT ON COLUMN twice.sum IS 'of prices';
        CREATE TRIGGER instead INSTEAD OF INSERT OR UPDATE ON "Re ports"."all; --" FOR EACH ROW
            EXECUTE FUNCTION noted();
        COMMENT ON TRIGGER instead ON "Re ports"."all; --" IS 'writes nothing';
        CREATE RULE "sell it" AS ON DELETE TO third DO INSTEAD INSERT INTO sold SELECT 1, OLD."Code" FROM writable
            WHERE writable.code = OLD."Code";
        COMMENT ON RULE "sell it" ON third IS 'sells';

        """;

    private const string DropViews = "DROP VIEW third, twice, writable, \"Re ports\".\"all; --\";";

    private const string Guards = """
        CREATE TRIGGER changed BEFORE UPDATE OF code ON goods FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code)
            EXECUTE FUNCTION noted();
        CREATE TRIGGER "On ce" AFTER INSERT ON goods REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
            EXECUTE FUNCTION noted();
        CREATE CONSTRAINT TRIGGER late AFTER UPDATE OF code ON goods DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            EXECUTE FUNCTION noted();
        ALTER TABLE goods ENABLE ALWAYS TRIGGER changed; ALTER TABLE goods DISABLE TRIGGER late;
        COMMENT ON TRIGGER changed ON goods IS 'it''s told';
        ALTER TABLE goods ENABLE ROW LEVEL SECURITY;
        CREATE POLICY "some of" ON goods AS RESTRICTIVE FOR UPDATE TO pg_monitor,
            CURRENT_USER USING (code <> 'x' AND EXISTS (SELECT FROM sold WHERE sold.code = goods.code))
            WITH CHECK (length(code) > 1);
        CREATE POLICY every ON goods USING (code IN (SELECT g.code FROM goods g));
        CREATE POLICY other ON goods FOR SELECT USING (price > 1);
        COMMENT ON POLICY every ON goods IS 'sees itself';

        """;

    private const string Alike = """
        CREATE VIEW v1.goods AS SELECT * FROM goods; CREATE VIEW v2.goods AS SELECT id, code FROM v1.goods;
        CREATE VIEW v1.shown AS SELECT code FROM v2.goods; CREATE VIEW v2.shown AS SELECT code FROM v1.shown;
        CREATE VIEW v1.sold AS SELECT g.code AS name FROM goods g JOIN sold ON sold.code = g.code;
        CREATE VIEW v1.all_sold AS SELECT s.id, s.code, g.code AS own FROM sold s JOIN goods g USING (id);
        CREATE VIEW above AS SELECT a.code, b.id FROM v1.goods a JOIN v2.goods b USING (id);
        CREATE TRIGGER instead INSTEAD OF INSERT ON v1.goods FOR EACH ROW EXECUTE FUNCTION noted();
        COMMENT ON TRIGGER instead ON v1.goods IS 'i';

        """;

    private const string Checks = """
        ALTER TABLE goods ADD CONSTRAINT "it''s" CHECK (code <> 'none' AND length(code) > 1),
            ADD CONSTRAINT cheaper CHECK (price < 1000 OR code IS NULL) NO INHERIT,
            ADD CONSTRAINT loose CHECK (code <> 'c5') NOT VALID;
        COMMENT ON CONSTRAINT cheaper ON goods IS 'or unknown';

        """;

    private const string DropChecks =
        "ALTER TABLE goods DROP CONSTRAINT \"it''s\", DROP CONSTRAINT cheaper, DROP CONSTRAINT loose;";

    private const string DropGuards =
        "DROP TRIGGER changed ON goods; DROP TRIGGER late ON goods; DROP POLICY \"some of\" ON goods; DROP "
        + "POLICY every ON goods;";

    private const string Names =
        "CREATE TABLE names (id int PRIMARY KEY, n varchar(20) UNIQUE, k varchar(5)); CREATE INDEX ON "
        + "names (n, k); INSERT INTO names SELECT n, 'n' || n FROM generate_series(1, 100) n;";

    private static ChangeCase Case(string name, string alteration, string plain, string setup = "") =>
        new()
        {
            Name = $"Column: {name}",
            Setup = Cases.Orders + setup,
            File = $"operations:\n  - alter_column: {{ {alteration} }}",
            Plain = plain,
        };
}

using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// Partitioned tables: every leaf filled in its own blocks, one schema as if the root had been altered.
/// </summary>
internal static class PartitionCases
{
    public const string Range = """
        CREATE TABLE items (label text, n int NOT NULL) PARTITION BY RANGE (n);
        CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (1) TO (100);
        CREATE TABLE items_2 PARTITION OF items FOR VALUES FROM (100) TO (200);
        CREATE TABLE items_rest PARTITION OF items DEFAULT;
        INSERT INTO items (label, n) SELECT 'item ' || n, n FROM generate_series(1, 400) n;

        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        TableCases.Case("range partitions and a default one", Range),
        TableCases.Case(
            "list partitions in other schemas and with other columns orders",
            """
            CREATE SCHEMA "Old"; CREATE SCHEMA archive;
            CREATE TABLE items (n int, label text) PARTITION BY LIST (label);
            CREATE TABLE "Old".items PARTITION OF items FOR VALUES IN ('a', 'b');
            CREATE TABLE archive."items" (junk int, label text, n int);
            ALTER TABLE archive.items DROP COLUMN junk;
            ALTER TABLE items ATTACH PARTITION archive.items DEFAULT;
            INSERT INTO items SELECT n, chr(96 + n % 5) FROM generate_series(1, 300) n;
            """
        ),
        TableCases.Case(
            "hash partitions in two levels",
            """
            CREATE TABLE items (n int, label text) PARTITION BY HASH (n);
            CREATE TABLE items_0 PARTITION OF items FOR VALUES WITH (MODULUS 2, REMAINDER 0) PARTITION BY LIST (label);
            CREATE TABLE items_0_a PARTITION OF items_0 FOR VALUES IN ('a');
            CREATE TABLE items_0_rest PARTITION OF items_0 DEFAULT;
            CREATE TABLE items_1 PARTITION OF items FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            INSERT INTO items SELECT n, chr(96 + n % 5) FROM generate_series(1, 300) n;
            """
        ),
        TableCases.Case(
            "partitions of which there are none",
            "CREATE TABLE items (n int, label text) PARTITION BY LIST (label);"
        ),
        new()
        {
            Name = "A partitioned table with a foreign key and a default",
            Setup = Cases.Orders + Range,
            File = Cases.Adds(
                "table: items, name: currency, type: char(3), nullable: false, default: \"'CHF'\", "
                    + "backfill: \"CASE n % 2 WHEN 0 THEN 'EUR' ELSE 'USD' END\", references: { table: "
                    + "currencies, on_delete: cascade }, comment: c"
            ),
            Plain = """
                ALTER TABLE items ADD COLUMN currency char(3) DEFAULT 'CHF';
                UPDATE items SET currency = CASE n % 2 WHEN 0 THEN 'EUR' ELSE 'USD' END;
                SET CONSTRAINTS ALL IMMEDIATE;
                ALTER TABLE items ALTER COLUMN currency SET NOT NULL;
                ALTER TABLE items ADD FOREIGN KEY (currency) REFERENCES currencies ON DELETE CASCADE;
                COMMENT ON COLUMN items.currency IS 'c';
                """,
        },
        new()
        {
            Name = "A partitioned table with a constant default and an empty foreign key",
            Setup = Cases.Orders + Range,
            File = Cases.Adds(
                "table: items, name: a, type: int, nullable: false, default: 5",
                "table: items, name: currency, type: char(3), references: { table: currencies }, index: true"
            ),
            Plain =
                "ALTER TABLE items ADD COLUMN a int NOT NULL DEFAULT 5, ADD COLUMN currency char(3) "
                + "REFERENCES currencies; CREATE INDEX ON items (currency);",
        },
        new()
        {
            Name = "A partitioned table with an identity column",
            Setup = Range,
            File = Cases.Adds("table: items, name: number, type: bigint, identity: { always: true, start: 5 }"),
            Plain = "ALTER TABLE items ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY (START WITH 5)",
            ComparesRows = false,
            Holds = "SELECT count(DISTINCT number) = 400 FROM items",
            FirstVersion = 17,
        },
        TableCases.Case(
            "published partitions with keys",
            Range
                + "ALTER TABLE items ADD PRIMARY KEY (n); CREATE PUBLICATION p FOR TABLE items WITH "
                + "(publish_via_partition_root = true);"
        ),
        TableCases.Case(
            "triggers on root and partition",
            Range
                + """
                CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.label := NEW.label || '.';
                    RETURN NEW; END $$;
                CREATE TRIGGER b BEFORE UPDATE ON items FOR EACH ROW WHEN (NEW.n > 390) EXECUTE FUNCTION touch();
                """
        ) with
        {
            File = Cases.Adds(
                "table: items, name: mark, type: text, nullable: false, default: \"'new'\", backfill: n::text"
            ),
            Plain =
                "ALTER TABLE items ADD COLUMN mark text DEFAULT 'new'; UPDATE items SET mark = n::text; "
                + "ALTER TABLE items ALTER COLUMN mark SET NOT NULL;",
            LeavesTraces = true,
        },
    ];
}

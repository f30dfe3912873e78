using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Constraints, indexes and the rest of what a column may bring.</summary>
internal static class AttributeCases
{
    private const string Currency = "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END";

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        new()
        {
            Name = "Everything at once",
            Setup = Cases.Orders,
            File = $$"""
                operations:
                  - add_column:
                      table: orders
                      name: currency
                      type: char(3)
                      collation: C
                      nullable: false
                      default: "'CHF'"
                      backfill: "{{Currency}}"
                      check: "currency ~ '^[A-Z]{3}$'"
                      references: { table: currencies, column: code, on_delete: restrict, on_update: cascade }
                      index: true
                      comment: "ISO 4217's code, \\ \"quoted\""
                """,
            Plain = $$"""
                ALTER TABLE orders ADD COLUMN currency char(3) COLLATE "C";
                UPDATE orders SET currency = {{Currency}};
                SET CONSTRAINTS ALL IMMEDIATE;
                ALTER TABLE orders ALTER COLUMN currency SET DEFAULT 'CHF', ALTER COLUMN currency SET NOT NULL,
                    ADD CHECK (currency ~ '^[A-Z]{3}$'),
                  ADD FOREIGN KEY (currency) REFERENCES currencies (code) ON DELETE RESTRICT ON UPDATE CASCADE;
                CREATE INDEX ON orders (currency);
                COMMENT ON COLUMN orders.currency IS E'ISO 4217''s code, \\ "quoted"';
                """,
        },
        new()
        {
            Name = "A derived column with a CHECK and a unique index",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: label, type: text, nullable: false, derive: \"coalesce(region, '-') "
                    + "|| ':' || amount\", check: \"label LIKE '%:%'\", unique: true"
            ),
            Plain = """
                ALTER TABLE orders ADD COLUMN label text;
                UPDATE orders SET label = coalesce(region, '-') || ':' || amount;
                ALTER TABLE orders ALTER COLUMN label SET NOT NULL, ADD CHECK (label LIKE '%:%'), ADD UNIQUE (label);
                """,
        },
        new()
        {
            Name = "A nullable derived column that is often NULL",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: upper_region, type: varchar(5), derive: upper(region), index: true"
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN upper_region varchar(5); UPDATE orders SET upper_region = "
                + "upper(region); CREATE INDEX ON orders (upper_region);",
        },
        new()
        {
            Name = "Unique and index on numbers of a volatile default",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: token, type: uuid, nullable: false, default: gen_random_uuid(), "
                    + "unique: true, index: true"
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid() NOT NULL; CREATE INDEX "
                + "ON orders (token); ALTER TABLE orders ADD UNIQUE (token);",
            ComparesRows = false,
            Holds = "SELECT count(DISTINCT token) = 300 FROM orders",
        },
        new()
        {
            Name = "A CHECK over other columns only",
            Setup = Cases.Orders,
            File = Cases.Adds("table: orders, name: extra, type: int, backfill: amount + 1, check: amount > 0"),
            Plain =
                "ALTER TABLE orders ADD COLUMN extra int; UPDATE orders SET extra = amount + 1; ALTER "
                + "TABLE orders ADD CONSTRAINT orders_extra_check CHECK (amount > 0);",
        },
        new()
        {
            Name = "An empty column with a foreign key, an index and a comment",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: currency, type: char(3), references: { table: currencies }, index: "
                    + "true, comment: \"it's new\""
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN currency char(3) REFERENCES currencies; CREATE INDEX ON "
                + "orders (currency); COMMENT ON COLUMN orders.currency IS 'it''s new';",
        },
        new()
        {
            Name = "A foreign key with a constant default",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: currency, type: char(3), nullable: false, default: \"'USD'\", "
                    + "references: { table: currencies, on_delete: set_default }"
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN currency char(3) DEFAULT 'USD' NOT NULL REFERENCES "
                + "currencies ON DELETE SET DEFAULT;",
        },
        ForeignKey(
            "cascading and deferred",
            "on_delete: cascade, on_update: cascade, deferrable: true, initially_deferred: true",
            "ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED"
        ),
        ForeignKey(
            "setting NULL, deferrable",
            "on_delete: set_null, on_update: set_null, deferrable: true",
            "ON DELETE SET NULL ON UPDATE SET NULL DEFERRABLE"
        ),
        ForeignKey("restricting", "on_delete: restrict, on_update: restrict", "ON DELETE RESTRICT ON UPDATE RESTRICT"),
        new()
        {
            Name = "A foreign key to the table itself",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: previous, type: bigint, backfill: \"nullif(id - 1, 0)\", references: "
                    + "{ table: orders }"
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN previous bigint; UPDATE orders SET previous = nullif(id - "
                + "1, 0); SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE orders ADD FOREIGN KEY (previous) "
                + "REFERENCES orders;",
        },
        new()
        {
            Name = "A foreign key to a unique column in another schema",
            Setup =
                Cases.Orders
                + "CREATE SCHEMA shop; CREATE TABLE shop.regions (id int PRIMARY KEY, code text NOT NULL "
                + "UNIQUE); INSERT INTO shop.regions VALUES (1, 'eu'), (2, 'us');",
            File = Cases.Adds(
                "table: orders, name: region_code, type: text, derive: region, references: { table: "
                    + "shop.regions, column: code }"
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN region_code text; UPDATE orders SET region_code = region; "
                + "ALTER TABLE orders ADD FOREIGN KEY (region_code) REFERENCES shop.regions (code);",
        },
        new()
        {
            Name = "A foreign key to a partitioned table",
            Setup =
                Cases.Orders
                + "CREATE TABLE kinds (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE kinds_1 "
                + "PARTITION OF kinds FOR VALUES FROM (0) TO (10); INSERT INTO kinds VALUES (1), (2);",
            File = Cases.Adds(
                "table: orders, name: kind, type: int, nullable: false, backfill: amount % 2 + 1, "
                    + "references: { table: kinds }"
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN kind int; UPDATE orders SET kind = amount % 2 + 1; ALTER "
                + "TABLE orders ALTER COLUMN kind SET NOT NULL, ADD FOREIGN KEY (kind) REFERENCES kinds;",
        },
        Identity("by default", "{}", "BY DEFAULT AS IDENTITY"),
        Identity(
            "always with options",
            "{ always: true, start: 1000, increment: 10, min_value: 10, max_value: 100000, cache: 5, cycle: true }",
            "ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 10 MINVALUE 10 MAXVALUE 100000 CACHE 5 CYCLE)"
        ),
        Identity("counting down", "{ increment: -1 }", "BY DEFAULT AS IDENTITY (INCREMENT BY -1)"),
        new()
        {
            Name = "A virtual generated column",
            Setup = Cases.Orders,
            File = Cases.Adds("table: orders, name: twice, type: int, generated: { expression: amount * 2 }"),
            Plain = "ALTER TABLE orders ADD COLUMN twice int GENERATED ALWAYS AS (amount * 2) VIRTUAL",
            FirstVersion = 18,
        },
        new()
        {
            Name = "A virtual generated column that is NOT NULL with a CHECK",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: twice, type: bigint, nullable: false, generated: { expression: "
                    + "amount * 2 }, check: twice > 0"
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (amount * 2) VIRTUAL NOT "
                + "NULL CHECK (twice > 0)",
            FirstVersion = 18,
        },
        new()
        {
            Name = "Several columns over two tables",
            Setup =
                Cases.Orders
                + "CREATE SCHEMA shop; CREATE TABLE shop.lines (order_id bigint, n int, PRIMARY KEY "
                + "(order_id, n)); INSERT INTO shop.lines SELECT n, n % 3 FROM generate_series(1, 200) n;",
            File = Cases.Adds(
                "table: orders, name: a, type: int, nullable: false, backfill: amount + 1",
                "table: shop.lines, name: price, type: \"numeric(10,2)\", default: 0, backfill: n * 1.5, "
                    + "check: price >= 0",
                "table: orders, name: b, type: text, derive: upper(region), index: true",
                "table: public.orders, name: c, type: int, nullable: false, default: 7",
                "table: orders, name: d, type: text, backfill: \"CASE WHEN amount > 100 THEN note END\"",
                "table: shop.lines, name: remark, type: text"
            ),
            Plain = """
                ALTER TABLE orders ADD COLUMN a int, ADD COLUMN b text, ADD COLUMN c int NOT NULL DEFAULT 7,
                    ADD COLUMN d text;
                UPDATE orders SET a = amount + 1, b = upper(region), d = CASE WHEN amount > 100 THEN note END;
                ALTER TABLE orders ALTER COLUMN a SET NOT NULL;
                CREATE INDEX ON orders (b);
                ALTER TABLE shop.lines ADD COLUMN price numeric(10,2) DEFAULT 0, ADD COLUMN remark text;
                UPDATE shop.lines SET price = n * 1.5;
                ALTER TABLE shop.lines ADD CHECK (price >= 0);
                """,
        },
        new()
        {
            Name = "A backfill that reads another table through a function",
            Setup =
                Cases.Orders
                + "CREATE FUNCTION currency_of(text) RETURNS char(3) LANGUAGE sql STABLE AS $$ SELECT code "
                + "FROM currencies WHERE lower(left(code, 2)) = $1 $$;",
            File = Cases.Adds(
                "table: orders, name: currency, type: char(3), backfill: \"coalesce(currency_of(region), "
                    + "(SELECT min(c.code) FROM currencies c))\""
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN currency char(3); UPDATE orders SET currency = "
                + "coalesce(currency_of(region), (SELECT min(code) FROM currencies));",
        },
        new()
        {
            Name = "A derivation with a pattern that looks like a whole row",
            Setup = Cases.Orders,
            File = Cases.Adds(
                "table: orders, name: odd, type: boolean, nullable: false, derive: \"coalesce(orders.note "
                    + "!~ 'orders.*', true)\""
            ),
            Plain =
                "ALTER TABLE orders ADD COLUMN odd boolean; UPDATE orders SET odd = coalesce(note !~ "
                + "'orders.*', true); ALTER TABLE orders ALTER COLUMN odd SET NOT NULL;",
        },
        new()
        {
            Name = "A nullable backfill by a function declared volatile that gives NULL for some rows",
            Setup =
                Cases.Orders
                + "CREATE FUNCTION lookup(text) RETURNS text LANGUAGE sql AS $$ SELECT CASE $1 WHEN 'eu' "
                + "THEN 'EUR' END $$;",
            File = Cases.Adds("table: orders, name: currency, type: text, backfill: lookup(region)"),
            Plain = "ALTER TABLE orders ADD COLUMN currency text; UPDATE orders SET currency = lookup(region);",
        },
    ];

    private static ChangeCase ForeignKey(string name, string keys, string clauses) =>
        new()
        {
            Name = $"A foreign key, {name}",
            Setup = Cases.Orders,
            File = Cases.Adds(
                $"table: orders, name: currency, type: char(3), backfill: \"{Currency}\", references: {{ "
                    + $"table: currencies, {keys} }}"
            ),
            Plain = $"""
                ALTER TABLE orders ADD COLUMN currency char(3);
                UPDATE orders SET currency = {Currency};
                SET CONSTRAINTS ALL IMMEDIATE;
                ALTER TABLE orders ADD FOREIGN KEY (currency) REFERENCES currencies {clauses};
                """,
        };

    private static ChangeCase Identity(string name, string options, string clause) =>
        new()
        {
            Name = $"An identity column, {name}",
            Setup =
                "CREATE TABLE lines (label text); INSERT INTO lines SELECT 'line ' || n FROM "
                + "generate_series(1, 300) n;",
            File = Cases.Adds($"table: lines, name: n, type: int, unique: true, identity: {options}"),
            Plain = $"ALTER TABLE lines ADD COLUMN n int GENERATED {clause}, ADD UNIQUE (n)",
            ComparesRows = false,
            Holds =
                "SELECT count(DISTINCT n) = 300 AND NOT EXISTS (SELECT FROM lines WHERE n = "
                + "nextval(pg_get_serial_sequence('lines', 'n'))) FROM lines",
        };
}

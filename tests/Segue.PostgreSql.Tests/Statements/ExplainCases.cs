namespace Segue.PostgreSql.Tests.Statements;

/// <summary>Tables, and statements about them.</summary>
internal static class ExplainCases
{
    public const string Tables = """
        CREATE SCHEMA app; CREATE TYPE mood AS ENUM ('ok', 'bad');
        CREATE TABLE currencies (code char(3) PRIMARY KEY, name text);
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            code char(3) CONSTRAINT of_currency REFERENCES currencies,
            amount int NOT NULL CONSTRAINT sane CHECK (amount >= 0), note varchar(50), at timestamptz DEFAULT now());
        CREATE INDEX orders_note ON orders (note); CREATE INDEX orders_lower ON orders (lower(note)) WHERE amount > 0;
        CREATE UNIQUE INDEX "Order's" ON orders (id, amount);
        CREATE TABLE lines (id int, order_id bigint REFERENCES orders ON DELETE CASCADE);
        CREATE TABLE app."Odd; --" ("select" int, note text); CREATE INDEX ON app."Odd; --" ("select");
        CREATE TABLE parts (id int NOT NULL, at date NOT NULL, n int) PARTITION BY RANGE (at);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE parts_d PARTITION OF parts DEFAULT; CREATE INDEX ON parts (n);
        CREATE TABLE bills (id bigint NOT NULL, order_id bigint REFERENCES orders,
            PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE bills_d PARTITION OF bills DEFAULT;
        CREATE TABLE parts_2 (id int NOT NULL, at date NOT NULL, n int);
        INSERT INTO currencies VALUES ('EUR'); INSERT INTO orders (code, amount, note) SELECT 'EUR', n, 'n' || n
            FROM generate_series(1, 500) n; INSERT INTO lines SELECT n, n FROM generate_series(1, 100) n;
        INSERT INTO app."Odd; --" SELECT generate_series(1, 10); INSERT INTO parts SELECT n, date '2026-01-01' + n % 20,
            n FROM generate_series(1, 100) n;
        CREATE VIEW seen AS SELECT id, amount FROM orders;
        CREATE TABLE above (id int, x int); CREATE TABLE below () INHERITS (above);
        CREATE TABLE lowest () INHERITS (below); INSERT INTO below SELECT n, n FROM generate_series(1, 10) n;
        CREATE TABLE deep (id int) PARTITION BY RANGE (id); CREATE TABLE deep_1 PARTITION OF deep FOR VALUES
            FROM (0) TO (100) PARTITION BY RANGE (id);
        CREATE TABLE deep_1_1 PARTITION OF deep_1 FOR VALUES FROM (0) TO (10); CREATE TABLE deep_1_2 PARTITION OF deep_1
            FOR VALUES FROM (10) TO (20); CREATE TABLE deep_1_3 PARTITION OF deep_1 FOR VALUES FROM (20) TO (30);
        CREATE TABLE deep_1_4 PARTITION OF deep_1 FOR VALUES FROM (30) TO (40);
        CREATE TABLE deep_1_5 PARTITION OF deep_1 FOR VALUES FROM (40) TO (50);
        CREATE TABLE app.deep_2 PARTITION OF deep DEFAULT;
        CREATE TABLE late (id bigint CONSTRAINT late_order REFERENCES orders, n int);
        ALTER TABLE late DROP CONSTRAINT late_order, ADD CONSTRAINT late_order FOREIGN KEY (id) REFERENCES orders
            NOT VALID, ADD CONSTRAINT late_sane CHECK (n > 0) NOT VALID;
        CREATE TABLE owned (id int PRIMARY KEY, n int, t text); CREATE TRIGGER tg BEFORE UPDATE OF n ON owned
            FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
        CREATE POLICY pol ON owned USING (n > 0); CREATE RULE ru AS ON DELETE TO owned WHERE old.n = 5
            DO INSTEAD NOTHING; CREATE STATISTICS app.sta ON n, t FROM owned;
        ANALYZE;
        """;

    public static TheoryData<string, string> Statements =>
        new()
        {
            { "ALTER TABLE orders ADD COLUMN x int", "" },
            { "ALTER TABLE orders ADD COLUMN x uuid DEFAULT gen_random_uuid()", "Rewrite orders" },
            { "ALTER TABLE public.orders ALTER COLUMN note TYPE varchar(10)", "Rewrite orders" },
            { "ALTER TABLE orders ALTER note SET NOT NULL;", "Scan orders" },
            { "ALTER TABLE orders ADD CHECK (amount < 10000)", "Scan orders" },
            { "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount < 10000) NOT VALID", "" },
            { "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES public.orders", "Scan lines" },
            { "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID", "" },
            { "ALTER TABLE orders DROP CONSTRAINT of_currency", "" },
            { "ALTER TABLE orders ADD UNIQUE (note)", "Build orders" },
            { "ALTER TABLE orders RENAME CONSTRAINT sane TO \"Sane\"", "" },
            { "ALTER TABLE orders SET (fillfactor = 80)", "" },
            { "ALTER TABLE orders ALTER note SET STATISTICS 100", "" },
            { "CREATE INDEX ON orders (amount)", "Build orders" },
            { "CREATE UNIQUE INDEX i ON app.\"Odd; --\" (\"select\")", "Build Odd; --" },
            { "ALTER INDEX \"Order's\" RENAME TO other", "" },
            { "DROP INDEX public.orders_lower", "" },
            { "REINDEX INDEX orders_note", "Build orders" },
            { "ALTER TABLE app.\"Odd; --\" ALTER \"select\" TYPE bigint", "Rewrite Odd; --" },
            {
                "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION "
                    + "suppress_redundant_updates_trigger()",
                ""
            },
            { "TRUNCATE lines", "" },
            { "TRUNCATE owned", "" },
            { "DROP TABLE lines", "" },
            { "UPDATE orders SET note = 'x' WHERE id = 5", "" },
            { "DELETE FROM lines", "" },
            { "ALTER TABLE parts ADD COLUMN x int", "" },
            {
                "ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
                "Build parts_2, Scan parts_2, Scan parts_d"
            },
            { "CREATE INDEX ON parts (id)", "Build parts_1, Build parts_d" },
            { "COMMENT ON COLUMN orders.note IS 'public.orders is a name'", "" },
            { "LOCK TABLE orders IN EXCLUSIVE MODE", "" },
            { "ALTER TABLE above ADD COLUMN z int", "" },
            { "ALTER TABLE above ALTER x TYPE bigint", "Rewrite above, Rewrite below, Rewrite lowest" },
            { "ALTER TABLE ONLY below SET (fillfactor = 50)", "" },
            { "ALTER TABLE deep ADD COLUMN z int", "" },
            {
                "ALTER TABLE deep ALTER COLUMN id SET NOT NULL",
                "Scan deep_1_1, Scan deep_1_2, Scan deep_1_3, Scan deep_1_4, Scan deep_1_5, Scan deep_2"
            },
            { "ALTER TABLE deep_1 DETACH PARTITION public.deep_1_5", "" },
            { "CREATE TABLE deep_3 PARTITION OF deep FOR VALUES FROM (100) TO (200)", "Scan deep_2" },
            { "CREATE TABLE app.deep_3 PARTITION OF public.deep FOR VALUES FROM (100) TO (200)", "Scan deep_2" },
            { "CREATE TABLE app.notes (id bigint PRIMARY KEY, order_id bigint REFERENCES public.orders, at date)", "" },
            { "CREATE UNLOGGED TABLE IF NOT EXISTS app.notes (id bigint PRIMARY KEY)", "" },
            { "CREATE TABLE app.notes AS SELECT * FROM orders", "" },
            { "ALTER TABLE late VALIDATE CONSTRAINT late_order", "Scan late" },
            { "ALTER TABLE late VALIDATE CONSTRAINT late_sane", "Scan late" },
            { "ALTER TABLE orders VALIDATE CONSTRAINT sane", "" },
            { "DROP TRIGGER tg ON owned", "" },
            { "ALTER TRIGGER tg ON owned RENAME TO other", "" },
            {
                "CREATE OR REPLACE TRIGGER tg BEFORE UPDATE ON owned FOR EACH ROW EXECUTE FUNCTION "
                    + "suppress_redundant_updates_trigger()",
                ""
            },
            { "ALTER TABLE owned DISABLE TRIGGER tg", "" },
            { "ALTER POLICY pol ON owned USING (n > 1)", "" },
            { "DROP POLICY pol ON public.owned", "" },
            { "DROP RULE ru ON owned", "" },
            { "CREATE OR REPLACE RULE ru AS ON DELETE TO owned DO INSTEAD NOTHING", "" },
            { "DROP STATISTICS IF EXISTS app.sta", "" },
            { "CREATE STATISTICS app.other ON id, n FROM owned", "" },
            { "ALTER STATISTICS app.sta SET STATISTICS 50", "" },
        };
}

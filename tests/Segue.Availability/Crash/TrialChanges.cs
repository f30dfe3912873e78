using Xunit;

namespace Segue.Availability.Crash;

/// <summary>The changes that trials are made with, by what they are about.</summary>
internal static class TrialChanges
{
    private static readonly Dictionary<string, TrialChange> ByName = new()
    {
        ["a column"] = Column,
        ["indexes and constraints"] = Constraints,
        ["indexes only"] = Indexes,
        ["a type, and what knows it"] = Type,
        ["types and partitions"] = TypesAndPartitions,
        ["rows"] = Rows,
        ["a new table, SQL of one's own"] = NewTable,
        ["a table's name"] = Rename,
        ["a column's name"] = RenameColumn,
        ["a table's end"] = Drop,
        ["a column's end"] = DropColumn,
    };

    public static TheoryData<string> Names => [.. ByName.Keys];

    /// <summary>Those that wait for a person before something goes.</summary>
    public static TheoryData<string> Gated =>
        [.. ByName.Where(each => !each.Value.EndsWithoutGate).Select(each => each.Key)];

    public static TrialChange Of(string name) => ByName[name];

    private const string Expected = "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END";

    /// <summary>A new column with everything; half-full pages are filled in two passes.</summary>
    private static TrialChange Column =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders;
                CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, note text)
                    WITH (fillfactor = 50);
                INSERT INTO orders (region, note) SELECT CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END,
                    CASE WHEN n % 9 > 0 THEN repeat('x', 80) END FROM generate_series(1, 600) n;
                """,
            Yaml = $$"""
                operations:
                  - add_column:
                      table: orders
                      name: currency
                      type: char(3)
                      nullable: false
                      backfill: "{{Expected}}"
                      check: "currency ~ '^[A-Z]{3}$'"
                      references: { table: currencies, column: code }
                      index: true
                  - alter_column: { table: orders, name: note, nullable: false, backfill: "'note ' || id",
                      type: varchar, default: "'none'" }
                """,
            Holds =
                $"SELECT count(*) = 600 FROM orders WHERE currency = {Expected} AND note = CASE WHEN id % "
                + "9 > 0 THEN repeat('x', 80) ELSE 'note ' || id END",
            Brings =
            [
                "column orders currency character(3) t",
                "column orders note character varying t 'none'::character varying",
                "constraint orders orders_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)) t",
                "constraint orders orders_currency_fkey FOREIGN KEY (currency) REFERENCES currencies(code) t",
                "index CREATE INDEX orders_currency_idx ON public.orders USING btree (currency) t",
            ],
            Takes = ["column orders note text f"],
        };

    /// <summary>A type, and a view, a trigger and a CHECK that know it.</summary>
    private static TrialChange Type =>
        new()
        {
            Setup = """
                DROP VIEW IF EXISTS open_orders;
                DROP TABLE IF EXISTS orders;
                CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(20) CONSTRAINT named CHECK (note <> 'none'));
                INSERT INTO orders SELECT n, 'note ' || n FROM generate_series(1, 300) n;
                CREATE VIEW open_orders AS SELECT id, note FROM orders WHERE id > 5;
                CREATE TRIGGER told BEFORE UPDATE OF note ON orders FOR EACH ROW
                    EXECUTE FUNCTION suppress_redundant_updates_trigger();
                """,
            Yaml = "operations:\n  - alter_column: { table: orders, name: note, type: text }",
            Holds = "SELECT count(*) = 295 FROM open_orders",
            Brings = ["column orders note text f", "constraint orders named CHECK ((note <> 'none'::text)) t"],
            Takes =
            [
                "column orders note character varying(20) f",
                "constraint orders named CHECK (((note)::text <> 'none'::text)) t",
            ],
        };

    /// <summary>What the catalog says of a table with a key and a foreign key.</summary>
    private static IReadOnlyList<string> SmallOrders =>
        [
            "column orders currency character(3) f",
            "column orders id bigint t",
            "constraint orders orders_currency_fkey FOREIGN KEY (currency) REFERENCES currencies(code) t",
            "constraint orders orders_pkey PRIMARY KEY (id) t",
            "index CREATE UNIQUE INDEX orders_pkey ON public.orders USING btree (id) t",
        ];

    /// <summary>A table with a foreign key that goes, and can come back.</summary>
    private static TrialChange Drop =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders;
                CREATE TABLE orders (id bigint PRIMARY KEY, currency char(3) REFERENCES currencies);
                INSERT INTO orders SELECT n, 'EUR' FROM generate_series(1, 300) n;
                """,
            Yaml = "operations:\n  - drop_table: { table: orders }",
            Holds = "SELECT to_regclass('orders') IS NULL",
            Brings = [],
            Takes = SmallOrders,
        };

    /// <summary>Columns that can come back: one with a foreign key, one that is filled in new code's rows.</summary>
    private static TrialChange DropColumn =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders;
                CREATE TABLE orders (id bigint PRIMARY KEY, currency char(3) REFERENCES currencies,
                    half int NOT NULL);
                INSERT INTO orders SELECT n, 'EUR', n / 2 FROM generate_series(1, 300) n;
                """,
            Yaml = """
                operations:
                  - drop_column: { table: orders, name: currency }
                  - drop_column: { table: orders, name: half, down: (id / 2)::int }
                """,
            Holds =
                "SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname ~ "
                + "'^segue_kept_'",
            Brings = ["column orders segue_kept_currency character(3) f", "column orders segue_kept_half integer f"],
            Takes =
            [
                "column orders currency character(3) f",
                "column orders half integer t",
                "constraint orders orders_currency_fkey FOREIGN KEY (currency) REFERENCES currencies(code) t",
            ],
        };

    /// <summary>A table under another name.</summary>
    private static TrialChange Rename =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders, purchases;
                CREATE TABLE orders (id bigint PRIMARY KEY, currency char(3) REFERENCES currencies);
                INSERT INTO orders SELECT n, 'EUR' FROM generate_series(1, 300) n;
                """,
            Yaml = "operations:\n  - rename_table: { table: orders, to: purchases }",
            Holds = "SELECT count(*) = 300 AND to_regclass('orders') IS NULL FROM purchases",
            Brings =
            [
                "column purchases currency character(3) f",
                "column purchases id bigint t",
                "constraint purchases orders_currency_fkey FOREIGN KEY (currency) REFERENCES currencies(code) t",
                "constraint purchases orders_pkey PRIMARY KEY (id) t",
                "index CREATE UNIQUE INDEX orders_pkey ON public.purchases USING btree (id) t",
            ],
            Takes = SmallOrders,
        };

    /// <summary>A column under another name, with an index and a default.</summary>
    private static TrialChange RenameColumn =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders;
                CREATE TABLE orders (id bigint PRIMARY KEY, currency char(3) DEFAULT 'EUR' REFERENCES currencies);
                CREATE INDEX by_currency ON orders (currency);
                INSERT INTO orders SELECT n, 'USD' FROM generate_series(1, 300) n;
                """,
            Yaml = "operations:\n  - rename_column: { table: orders, name: currency, to: money }",
            Holds = "SELECT count(*) = 300 FROM orders WHERE money = 'USD'",
            Brings =
            [
                "column orders money character(3) f 'EUR'::bpchar",
                "constraint orders orders_currency_fkey FOREIGN KEY (money) REFERENCES currencies(code) t",
                "index CREATE INDEX by_currency ON public.orders USING btree (money) t",
            ],
            Takes =
            [
                "column orders currency character(3) f 'EUR'::bpchar",
                "constraint orders orders_currency_fkey FOREIGN KEY (currency) REFERENCES currencies(code) t",
                "index CREATE INDEX by_currency ON public.orders USING btree (currency) t",
            ],
        };

    /// <summary>Indexes and constraints that come, are renamed and go.</summary>
    private static TrialChange Constraints =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders;
                CREATE TABLE orders (id bigint NOT NULL, currency char(3),
                    amount int CONSTRAINT amounts CHECK (amount > 0), CONSTRAINT old CHECK (id > 0));
                CREATE INDEX by_amount ON orders (amount);
                INSERT INTO orders SELECT n, CASE WHEN n % 2 = 0 THEN 'EUR' ELSE 'USD' END, n
                    FROM generate_series(1, 300) n;
                """,
            Yaml = """
                operations:
                  - create_index: { table: orders, columns: [{ expression: amount % 7 }, currency] }
                  - add_primary_key: { table: orders, columns: [id] }
                  - add_check: { table: orders, name: small, check: amount < 1000 }
                  - add_foreign_key: { table: orders, columns: [currency], references: { table: currencies } }
                  - rename_constraint: { table: orders, name: amounts, to: positive }
                  - drop_constraint: { table: orders, name: old }
                  - drop_index: { index: by_amount }
                """,
            Holds = "SELECT count(*) = 300 FROM orders",
            Brings =
            [
                "constraint orders orders_currency_fkey FOREIGN KEY (currency) REFERENCES currencies(code) t",
                "constraint orders orders_pkey PRIMARY KEY (id) t",
                "constraint orders positive CHECK ((amount > 0)) t",
                "constraint orders small CHECK ((amount < 1000)) t",
                "index CREATE INDEX orders_expr_currency_idx ON public.orders USING btree (((amount % 7)), currency) t",
                "index CREATE UNIQUE INDEX orders_pkey ON public.orders USING btree (id) t",
            ],
            Takes =
            [
                "constraint orders amounts CHECK ((amount > 0)) t",
                "constraint orders old CHECK ((id > 0)) t",
                "index CREATE INDEX by_amount ON public.orders USING btree (amount) t",
            ],
        };

    /// <summary>Nothing but statements outside transactions takes something away.</summary>
    private static TrialChange Indexes =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders;
                CREATE TABLE orders (id bigint, amount int);
                CREATE INDEX by_id ON orders (id); CREATE INDEX by_amount ON orders (amount);
                INSERT INTO orders SELECT n, n FROM generate_series(1, 300) n;
                """,
            Yaml = """
                operations:
                  - replace_index: { index: by_id, by: { columns: [id, amount] } }
                  - drop_index: { index: by_amount }
                """,
            Holds = "SELECT count(*) = 300 FROM orders",
            Brings = ["index CREATE INDEX by_id ON public.orders USING btree (id, amount) t"],
            Takes =
            [
                "index CREATE INDEX by_amount ON public.orders USING btree (amount) t",
                "index CREATE INDEX by_id ON public.orders USING btree (id) t",
            ],
        };

    /// <summary>Types made and altered, a partition that comes and one that goes.</summary>
    private static TrialChange TypesAndPartitions =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders, old, fresh; DROP TYPE IF EXISTS mood, status; DROP DOMAIN IF EXISTS price;
                CREATE TYPE status AS ENUM ('open', 'paid');
                CREATE DOMAIN price AS int DEFAULT 1 CONSTRAINT sane CHECK (VALUE > 0);
                CREATE TABLE orders (id int NOT NULL, price price) PARTITION BY RANGE (id);
                CREATE INDEX by_price ON orders (price);
                CREATE TABLE old PARTITION OF orders FOR VALUES FROM (0) TO (100);
                CREATE TABLE fresh (id int NOT NULL, price price);
                INSERT INTO orders SELECT n, n + 1 FROM generate_series(0, 99) n;
                INSERT INTO fresh SELECT n, n FROM generate_series(100, 199) n;
                """,
            Yaml = """
                operations:
                  - create_enum: { name: mood, labels: [sad, ok] }
                  - add_enum_value: { type: status, value: refunded }
                  - rename_enum_value: { type: status, from: open, to: new }
                  - alter_domain: { domain: price, default: 2, add_check: VALUE < 1000, drop_constraint: sane }
                  - set_options: { table: fresh, set: { fillfactor: 80 } }
                  - attach_partition: { table: orders, partition: fresh, values: FROM (100) TO (200) }
                  - detach_partition: { table: orders, partition: old }
                """,
            Holds = "SELECT count(*) = 100 AND min(id) = 100 FROM orders",
            Brings =
            [
                "constraint - price_check CHECK ((VALUE < 1000)) NOT VALID f",
                "constraint old old_id_check CHECK (((id IS NOT NULL) AND (id >= 0) AND (id < 100))) t",
                "index CREATE INDEX fresh_price_idx ON public.fresh USING btree (price) t",
                "partition fresh of orders f",
                "type mood  {sad,ok}",
                "type price 2 {}",
                "type status  {new,paid,refunded}",
            ],
            Takes =
            [
                "constraint - sane CHECK ((VALUE > 0)) t",
                "partition old of orders f",
                "type price 1 {}",
                "type status  {open,paid}",
            ],
        };

    /// <summary>Rows written and rows deleted: each once, none lost on its way to the archive.</summary>
    private static TrialChange Rows =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS orders, old_orders;
                CREATE TABLE orders (id bigint PRIMARY KEY, status text, amount int) WITH (fillfactor = 50);
                CREATE TABLE old_orders (LIKE orders);
                CREATE INDEX by_amount ON orders (amount);
                INSERT INTO orders SELECT n, CASE WHEN n % 3 = 0 THEN 'payed' ELSE 'open' END, n
                    FROM generate_series(1, 600) n;
                """,
            Yaml = """
                operations:
                  - backfill: { table: orders, set: { status: "'paid'" }, where: status = 'payed' }
                  - prune: { table: orders, where: amount > 500, archive: old_orders }
                  - reindex: { index: by_amount }
                """,
            Holds = """
                SELECT (SELECT count(*) = 500 AND max(id) = 500
                    AND count(*) FILTER (WHERE status = CASE WHEN id % 3 = 0 THEN 'paid' ELSE 'open' END) = 500
                    FROM orders)
                  AND (SELECT count(*) = 100 AND count(DISTINCT id) = 100 AND min(id) = 501
                      AND count(*) FILTER (WHERE status = CASE WHEN id % 3 = 0 THEN 'paid' ELSE 'open' END) = 100
                      FROM old_orders)
                """,
            Brings = [],
        };

    /// <summary>A table with all that tables have, and statements that Segue only measures.</summary>
    private static TrialChange NewTable =>
        new()
        {
            Setup = """
                DROP TABLE IF EXISTS notes, orders; DROP FUNCTION IF EXISTS double;
                CREATE TABLE orders (id bigint PRIMARY KEY, currency char(3) REFERENCES currencies);
                INSERT INTO orders SELECT n, 'EUR' FROM generate_series(1, 300) n;
                """,
            Yaml = """
                operations:
                  - create_table:
                      table: notes
                      columns:
                        - { name: id, type: bigint, identity: { always: true } }
                        - { name: order_id, type: bigint, nullable: false, references: { table: orders } }
                        - { name: text, type: text, check: length(text) > 0, comment: What it says }
                      primary_key: [id]
                      indexes: [{ columns: [order_id] }]
                  - sql:
                      up: COMMENT ON COLUMN orders.currency IS 'ISO 4217'
                      down: COMMENT ON COLUMN orders.currency IS NULL
                      effect: [{ table: orders, lock: share update exclusive }]
                  - sql:
                      up: CREATE FUNCTION double(n int) RETURNS int LANGUAGE sql RETURN n * 2
                      down: DROP FUNCTION double
                """,
            Holds = "SELECT count(*) = 300 FROM orders",
            EndsWithoutGate = true,
            Brings =
            [
                "column notes id bigint t",
                "column notes order_id bigint t",
                "column notes text text f What it says",
                "column orders currency character(3) f ISO 4217",
                "constraint notes notes_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id) t",
                "constraint notes notes_pkey PRIMARY KEY (id) t",
                "constraint notes notes_text_check CHECK ((length(text) > 0)) t",
                "function double(integer)",
                "index CREATE INDEX notes_order_id_idx ON public.notes USING btree (order_id) t",
                "index CREATE UNIQUE INDEX notes_pkey ON public.notes USING btree (id) t",
                "sequence notes_id_seq",
            ],
            Takes = ["column orders currency character(3) f"],
        };
}

using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Columns that are renamed.</summary>
internal static class RenameColumnCases
{
    /// <summary>Whatever can hang on a column.</summary>
    private const string Hangers = """
        ALTER TABLE orders ADD CONSTRAINT sane CHECK (length(note) < 1000), ALTER note SET STATISTICS 50,
            ALTER note SET DEFAULT 'it''s plain';
        CREATE INDEX by_note ON orders (note); CREATE INDEX long_notes ON orders (amount) WHERE note > 'm';
        CREATE INDEX by_lower ON orders (lower(note) text_pattern_ops, amount DESC) INCLUDE (region);
        CREATE STATISTICS both_of ON region, note FROM orders;
        CREATE VIEW noted AS SELECT id, note FROM orders WHERE note <> '';
        CREATE MATERIALIZED VIEW notes AS SELECT note, count(*) FROM orders GROUP BY note;
        CREATE FUNCTION of_body(n int) RETURNS bigint LANGUAGE sql
            RETURN (SELECT count(*) FROM orders WHERE length(note) > n);
        CREATE TABLE audit (id bigint);
        CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id);
            RETURN NULL; END $$;
        CREATE TRIGGER logged AFTER UPDATE ON orders FOR EACH ROW WHEN (NEW.note = 'never') EXECUTE FUNCTION log_it();
        CREATE POLICY own ON orders USING (note <> current_user);
        COMMENT ON COLUMN orders.note IS 'free ''text'''; GRANT UPDATE (note), SELECT (note) ON orders TO pg_monitor;
        GRANT INSERT (note) ON orders TO pg_signal_backend WITH GRANT OPTION;
        """;

    private const string Odd = """
        CREATE SCHEMA "My.Schema"; CREATE DOMAIN label AS varchar(10); CREATE TYPE pair AS (a int, b text);
        CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE TABLE "My.Schema"."Or'd; ""ers" ("Id's" int PRIMARY KEY, "select" label, "j" json, p point, c pair,
            m mood[] DEFAULT '{glad}', x numeric(6, 2) DEFAULT 1.50, t text COLLATE "C",
            "$u$" uuid DEFAULT gen_random_uuid());
        INSERT INTO "My.Schema"."Or'd; ""ers" SELECT n, 'l' || n, '{"a": 1}', point(n, 1), CASE WHEN n % 3 = 0 THEN
            (n, 'x')::pair WHEN n % 3 = 1 THEN (NULL, NULL)::pair END, NULL, n, 'T' FROM generate_series(1, 50) n;
        """;

    private const string Partitions = """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind text NOT NULL,
            PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_d PARTITION OF events DEFAULT PARTITION BY LIST (kind);
        CREATE TABLE events_x PARTITION OF events_d DEFAULT;
        ALTER TABLE events ADD size int; CREATE INDEX by_size ON events (size);
        INSERT INTO events SELECT n, date '2026-01-01' + n % 90, 'kind ' || n % 7, n FROM generate_series(1, 300) n;
        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "with all that hangs on it",
            ["table: orders, name: note, to: remark"],
            "ALTER TABLE orders RENAME COLUMN note TO remark",
            Hangers
        ),
        Case(
            "the identity and primary key, with a reference",
            ["table: orders, name: id, to: order_id"],
            "ALTER TABLE orders RENAME COLUMN id TO order_id",
            "CREATE TABLE lines (order_id bigint REFERENCES orders ON UPDATE CASCADE); INSERT INTO lines VALUES (1);"
        ),
        Case(
            "a foreign key's, and a unique one NOT NULL",
            ["table: orders, name: code, to: currency", "table: orders, name: number, to: \"Nr.\""],
            "ALTER TABLE orders RENAME COLUMN code TO currency; ALTER TABLE orders RENAME COLUMN number TO \"Nr.\"",
            "ALTER TABLE orders ADD code char(3) REFERENCES currencies ON DELETE SET NULL, ADD number bigserial NOT "
                + "NULL UNIQUE; UPDATE orders SET code = 'USD' WHERE id % 2 = 0;"
        ),
        .. Odds("\"select\"", "\"select\"", "\"new\"", "\"new\""),
        .. Odds("j", "j", "\"J\"", "\"J\""),
        .. Odds("p", "p", "place", "place"),
        .. Odds("c", "c", "\"Ünder 'new'; --\"", "\"Ünder 'new'; --\""),
        .. Odds("m", "m", "mood", "mood"),
        .. Odds("x", "x", "old", "old"),
        .. Odds("t", "t", "tg_op", "tg_op"),
        .. Odds("\"$u$\"", "\"$u$\"", "u", "u"),
        Case(
            "of a partitioned table",
            ["table: events, name: size, to: bytes"],
            "ALTER TABLE events RENAME COLUMN size TO bytes",
            Partitions
        ),
        Case(
            "beside a new column and an index",
            ["table: orders, name: note, to: remark"],
            "ALTER TABLE orders RENAME COLUMN note TO remark; ALTER TABLE orders ADD double int; UPDATE orders SET "
                + "double = amount * 2; CREATE INDEX orders_region ON orders (region)",
            "",
            "\n  - add_column: { table: orders, name: double, type: int, derive: amount * 2 }"
                + "\n  - create_index: { table: orders, name: orders_region, columns: [region] }"
        ),
    ];

    private static IEnumerable<ChangeCase> Odds(string column, string sql, string to, string toSql) =>
        [
            Case(
                $"of any name and type, {column}",
                [$"table: {{ schema: My.Schema, name: \"Or'd; \\\"ers\" }}, name: {column}, to: {to}"],
                $"ALTER TABLE \"My.Schema\".\"Or'd; \"\"ers\" RENAME COLUMN {sql} TO {toSql}",
                Odd
            ),
        ];

    private static ChangeCase Case(
        string name,
        IEnumerable<string> renames,
        string plain,
        string setup = "",
        string more = ""
    ) =>
        new()
        {
            Name = $"Renamed column: {name}",
            Setup = Cases.Orders + setup,
            File = $"operations:{string.Concat(renames.Select(each => $"\n  - rename_column: {{ {each} }}"))}{more}",
            Plain = plain,
        };
}

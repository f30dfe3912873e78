namespace Segue.Cli.Tests.Rendering;

/// <summary>A database, and a change of each kind that can be planned on it.</summary>
internal static class EveryKind
{
    public const string Setup = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY);
        CREATE TYPE mood AS ENUM ('glad', 'sad');
        CREATE DOMAIN amount AS numeric CHECK (VALUE >= 0);
        CREATE TABLE orders (
            id bigint PRIMARY KEY, region text, note varchar(20), total amount, feeling mood, code char(3)
        );
        CREATE INDEX orders_region_idx ON orders (region);
        -- No plan reads by it: what the server counted is the same each time.
        CREATE INDEX orders_total_idx ON orders (total);
        ALTER TABLE orders ADD CONSTRAINT orders_region_check CHECK (region <> '');
        CREATE VIEW notes AS SELECT id, note FROM orders;
        CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint CONSTRAINT of_order REFERENCES orders);
        INSERT INTO orders (id, region) VALUES (1, 'EU');
        INSERT INTO lines VALUES (1, 1);
        CREATE TABLE stays (days int4range, nights int NOT NULL);
        CREATE TABLE events (id bigint, year int) PARTITION BY LIST (year);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (2001);
        CREATE TABLE events_2 (id bigint, year int);
        """;

    /// <summary>A kind and its keys.</summary>
    public static readonly IReadOnlyList<string> Operations =
    [
        "add_column: { table: orders, name: currency, type: char(3), nullable: false, backfill: \"'USD'\", "
            + "check: \"currency <> ''\", references: { table: currencies }, index: true }",
        "add_column: { table: orders, name: upper, type: text, derive: upper(region) }",
        "alter_column: { table: orders, name: note, type: text }",
        "alter_column: { table: orders, name: region, nullable: false, backfill: \"'EU'\" }",
        "alter_column: { table: orders, name: region, default: \"'EU'\", comment: Where it goes }",
        "drop_column: { table: orders, name: feeling }",
        "drop_column: { table: stays, name: nights, down: upper(days) - lower(days) }",
        "create_index: { table: orders, columns: [note], unique: true }",
        "drop_index: { index: orders_total_idx }",
        "rename_index: { index: orders_region_idx, to: orders_by_region }",
        "replace_index: { index: orders_total_idx, by: { columns: [total, id] } }",
        "reindex: { table: orders }",
        "add_check: { table: orders, check: id > 0 }",
        "add_foreign_key: { table: orders, columns: [code], references: { table: currencies } }",
        "add_unique: { table: orders, columns: [note] }",
        "add_exclusion: { table: stays, elements: [{ column: days, operator: \"&&\" }] }",
        "add_primary_key: { table: events_2, columns: [id] }",
        "drop_constraint: { table: lines, name: of_order }",
        "rename_constraint: { table: orders, name: orders_region_check, to: region_given }",
        "backfill: { table: orders, set: { region: \"'EU'\" }, where: region IS NULL }",
        "prune: { table: lines, where: id < 0 }",
        "sql: { up: COMMENT ON TABLE orders IS 'Orders', effect: [{ table: orders, lock: share update exclusive }], "
            + "waits_for: no app to read the comment any more }",
        "create_enum: { name: size, labels: [small, large] }",
        "add_enum_value: { type: mood, value: calm }",
        "rename_enum_value: { type: mood, from: sad, to: blue }",
        "create_domain: { name: email, type: text, checks: [\"VALUE ~ '@'\"] }",
        "alter_domain: { domain: amount, add_check: VALUE < 1000000 }",
        "set_options: { table: orders, set: { fillfactor: 90 } }",
        "attach_partition: { table: events, partition: events_2, values: IN (2002) }",
        "detach_partition: { table: events, partition: events_1 }",
        "create_table: { table: bills, columns: [{ name: id, type: bigint }], primary_key: [id] }",
        "rename_column: { table: orders, name: note, to: remark }",
        "rename_table: { table: orders, to: purchases }",
        "drop_table: { table: lines }",
    ];
}

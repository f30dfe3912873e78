using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Statements of the author's own.</summary>
internal static class SqlCases
{
    private const string Partitions = """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_d PARTITION OF events DEFAULT;
        """;

    private const string Belongings = """
        CREATE TRIGGER quiet BEFORE UPDATE ON currencies FOR EACH ROW
            EXECUTE FUNCTION suppress_redundant_updates_trigger();
        CREATE POLICY few ON currencies USING (code <> 'XXX');
        CREATE RULE none AS ON DELETE TO currencies WHERE old.code = 'XXX' DO INSTEAD NOTHING;
        CREATE STATISTICS together ON code, name FROM currencies;
        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "a setting of a table, and back",
            "up: ALTER TABLE orders SET (fillfactor = 80), down: ALTER TABLE orders RESET (fillfactor), "
                + "effect: [{ table: orders, lock: share update exclusive }]",
            "ALTER TABLE orders SET (fillfactor = 80)"
        ),
        Case(
            "one that nothing leads back from, at the gate",
            "up: ALTER TABLE orders DISABLE ROW LEVEL SECURITY, waits_for: nobody to rely on it, effect: "
                + "[{ table: public.orders, lock: ACCESS_EXCLUSIVE }]",
            "ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;"
        ),
        Case(
            "one that nothing leads back from, at the end",
            "up: \"COMMENT ON TABLE public.orders IS 'It''s 50% {} public.orders'\", applied: \"SELECT "
                + "obj_description('orders'::regclass) IS NOT NULL\", effect: [{ table: orders, lock: share "
                + "update exclusive }]",
            "COMMENT ON TABLE orders IS 'It''s 50% {} public.orders'"
        ),
        Case(
            "a small index under the lock",
            "up: CREATE INDEX small ON currencies (name), down: DROP INDEX small, applied: \"SELECT "
                + "to_regclass('small') IS NOT NULL\", effect: [{ table: currencies, lock: access exclusive, "
                + "work: build }]",
            "CREATE INDEX small ON currencies (name)"
        ),
        Case(
            "a trigger",
            "up: CREATE TRIGGER quiet BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION "
                + "suppress_redundant_updates_trigger(), down: DROP TRIGGER quiet ON orders, effect: [{ table: "
                + "orders, lock: access exclusive }]",
            "CREATE TRIGGER quiet BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION "
                + "suppress_redundant_updates_trigger()"
        ),
        Case(
            "a function and a view, in one change",
            "up: \"CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN n * 2\", down: "
                + "DROP FUNCTION twice(int) }\n  - sql: { up: CREATE VIEW rich AS SELECT id FROM orders WHERE "
                + "amount > 5, down: DROP VIEW rich }\n  - sql: { up: \"GRANT SELECT ON orders TO PUBLIC\", down: "
                + "REVOKE SELECT ON orders FROM PUBLIC",
            "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN n * 2; CREATE VIEW "
                + "rich AS SELECT id FROM orders WHERE amount > 5; GRANT SELECT ON orders TO PUBLIC",
            "GRANT INSERT ON orders TO PUBLIC;"
        ),
        Case(
            "a setting of a partitioned table's partition",
            "up: ALTER TABLE events_1 SET (fillfactor = 70), down: ALTER TABLE events_1 RESET "
                + "(fillfactor), effect: [{ table: events_1, lock: share update exclusive }]",
            "ALTER TABLE events_1 SET (fillfactor = 70)",
            Partitions
        ),
        Case(
            "a column of a partitioned table, and back",
            "up: ALTER TABLE events ADD n int, down: ALTER TABLE events DROP n, effect: [{ table: events, "
                + "lock: access exclusive }]",
            "ALTER TABLE events ADD n int",
            Partitions
        ),
        Case(
            "a column of a table that others inherit from, and back",
            "up: ALTER TABLE public.above ADD n int, down: ALTER TABLE public.above DROP n, effect: [{ "
                + "table: above, lock: access exclusive }]",
            "ALTER TABLE above ADD n int",
            "CREATE TABLE above (id int); CREATE TABLE below () INHERITS (above);"
        ),
        Case(
            "a table by its whole name, and back",
            "up: \"CREATE TABLE public.notes (id int PRIMARY KEY, order_id bigint REFERENCES "
                + "public.orders, at date)\", down: DROP TABLE public.notes, effect: [{ table: orders, lock: "
                + "access exclusive }]",
            "CREATE TABLE notes (id int PRIMARY KEY, order_id bigint REFERENCES orders, at date)"
        ),
        Case(
            "an unlogged table",
            "up: CREATE UNLOGGED TABLE notes (id int), down: DROP TABLE notes",
            "CREATE UNLOGGED TABLE notes (id int)"
        ),
        Case(
            "a trigger switched off, and on again",
            "up: ALTER TABLE currencies DISABLE TRIGGER quiet, down: ALTER TABLE currencies ENABLE TRIGGER "
                + "quiet, effect: [{ table: currencies, lock: share row exclusive }]",
            "ALTER TABLE currencies DISABLE TRIGGER quiet",
            Belongings
        ),
        Case(
            "a trigger, a policy, a rule and statistics that go",
            "up: DROP TRIGGER quiet ON currencies, effect: [{ table: currencies, lock: access exclusive }] "
                + "}\n  - sql: { up: DROP POLICY few ON currencies, effect: [{ table: currencies, lock: access "
                + "exclusive }] }\n  - sql: { up: DROP RULE none ON currencies, effect: [{ table: currencies, "
                + "lock: access exclusive }] }\n  - sql: { up: DROP STATISTICS together, effect: [{ table: "
                + "currencies, lock: share update exclusive }]",
            "DROP TRIGGER quiet ON currencies; DROP POLICY few ON currencies; DROP RULE none ON "
                + "currencies; DROP STATISTICS together",
            Belongings
        ),
        Case(
            "a foreign table's column, and back",
            "up: ALTER TABLE far ADD n int, down: ALTER TABLE far DROP n, effect: [{ table: far, lock: "
                + "access exclusive }]",
            "ALTER TABLE far ADD n int",
            "CREATE FOREIGN DATA WRAPPER f; CREATE SERVER s FOREIGN DATA WRAPPER f; CREATE FOREIGN TABLE "
                + "far (id int) SERVER s;"
        ),
        Case(
            "a sequence that begins anew",
            "up: ALTER SEQUENCE numbers INCREMENT 5, down: ALTER SEQUENCE numbers INCREMENT 1, effect: [{ "
                + "table: numbers, lock: share row exclusive }]",
            "ALTER SEQUENCE numbers INCREMENT 5",
            "CREATE SEQUENCE numbers;"
        ),
        Case(
            "code of the database's own",
            "up: SELECT add_note(), waits_for: nobody to mind, effect: [{ table: currencies, lock: access exclusive }]",
            "SELECT add_note()",
            "CREATE FUNCTION add_note() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE currencies "
                + "ADD note text; END $$;"
        ),
    ];

    private static ChangeCase Case(string name, string operation, string plain, string setup = "") =>
        new()
        {
            Name = $"SQL: {name}",
            Setup = Cases.Orders + setup,
            File = $"operations:\n  - sql: {{ {operation} }}",
            Plain = plain,
        };
}

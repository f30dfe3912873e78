using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Statements of the author's own.</summary>
internal static class SqlCases
{
    private const string Partitions =
        """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_d PARTITION OF events DEFAULT;
        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case("a setting of a table, and back", "up: ALTER TABLE orders SET (fillfactor = 80), down: ALTER TABLE orders RESET (fillfactor), effect: [{ table: orders, lock: share update exclusive }]", "ALTER TABLE orders SET (fillfactor = 80)"),
        Case("one that nothing leads back from, at the gate", "up: ALTER TABLE orders DISABLE ROW LEVEL SECURITY, waits_for: nobody to rely on it, effect: [{ table: public.orders, lock: ACCESS_EXCLUSIVE }]", "ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;"),
        Case("one that nothing leads back from, at the end", "up: \"COMMENT ON TABLE public.orders IS 'It''s 50% {} public.orders'\", applied: \"SELECT obj_description('orders'::regclass) IS NOT NULL\", effect: [{ table: orders, lock: share update exclusive }]", "COMMENT ON TABLE orders IS 'It''s 50% {} public.orders'"),
        Case("a small index under the lock", "up: CREATE INDEX small ON currencies (name), down: DROP INDEX small, applied: \"SELECT to_regclass('small') IS NOT NULL\", effect: [{ table: currencies, lock: share, work: build }]", "CREATE INDEX small ON currencies (name)"),
        Case("a trigger", "up: CREATE TRIGGER quiet BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger(), down: DROP TRIGGER quiet ON orders, effect: [{ table: orders, lock: share row exclusive }]", "CREATE TRIGGER quiet BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"),
        Case("a function and a view, in one change", "up: \"CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN n * 2\", down: DROP FUNCTION twice(int) }\n  - sql: { up: CREATE VIEW rich AS SELECT id FROM orders WHERE amount > 5, down: DROP VIEW rich }\n  - sql: { up: \"GRANT SELECT ON orders TO PUBLIC\", down: REVOKE SELECT ON orders FROM PUBLIC", "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN n * 2; CREATE VIEW rich AS SELECT id FROM orders WHERE amount > 5; GRANT SELECT ON orders TO PUBLIC", "GRANT INSERT ON orders TO PUBLIC;"),
        Case("a setting of a partitioned table's partition", "up: ALTER TABLE events_1 SET (fillfactor = 70), down: ALTER TABLE events_1 RESET (fillfactor), effect: [{ table: events_1, lock: share update exclusive }]", "ALTER TABLE events_1 SET (fillfactor = 70)", Partitions),
    ];

    private static ChangeCase Case(string name, string operation, string plain, string setup = "") => new()
    {
        Name = $"SQL: {name}",
        Setup = Cases.Orders + setup,
        File = $"operations:\n  - sql: {{ {operation} }}",
        Plain = plain,
    };
}

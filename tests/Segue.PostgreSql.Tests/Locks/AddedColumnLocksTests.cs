using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

[Trait("kind", "add_column")]
public class AddedColumnLocksTests : StatedLocks
{
    [Theory, PostgresVersions]
    public Task A_plain_column(int major) =>
        RoadAsync(major, Tables, "- add_column: { table: orders, name: note, type: text, comment: A word }");

    [Theory, PostgresVersions]
    public Task A_wider_type_under_views_triggers_and_policies(int major) =>
        RoadAsync(
            major,
            Tables
                + """
                CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE VIEW named AS SELECT o.id, o.amount, r.currency FROM orders o LEFT JOIN regions r USING (region);
                CREATE VIEW summed AS SELECT sum(amount) FROM named;
                CREATE RULE writes AS ON INSERT TO summed DO INSTEAD INSERT INTO currencies VALUES ('XXX', 9);
                CREATE TRIGGER told BEFORE UPDATE OF amount ON orders FOR EACH ROW EXECUTE FUNCTION noted();
                CREATE POLICY few ON orders USING (amount > (SELECT count(*) FROM currencies));
                """,
            "- alter_column: { table: orders, name: amount, type: \"numeric(20, 2)\" }"
        );

    [Theory, PostgresVersions]
    public Task A_column_with_a_constant_for_old_and_new_rows(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - add_column: { table: orders, name: currency, type: char(3), nullable: false, default: "'USD'",
                check: "currency > ''", index: true }
            """
        );

    [Theory, PostgresVersions]
    public Task A_staged_column_with_every_constraint(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - add_column:
                table: orders
                name: currency
                type: char(3)
                nullable: false
                backfill: "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
                check: "currency ~ '^[A-Z]{3}$'"
                references: { table: currencies, column: code }
                index: true
            - add_column: { table: orders, name: number, type: bigint, nullable: false, backfill: "id * 2",
                unique: true }
            """
        );

    [Theory, PostgresVersions]
    public Task A_backfill_that_reads_another_table(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - add_column: { table: orders, name: currency, type: char(3),
                backfill: "(SELECT r.currency FROM regions r WHERE r.region = orders.region)" }
            """
        );

    [Theory, PostgresVersions]
    public Task A_derived_column(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - add_column: { table: orders, name: cents, type: bigint, nullable: false, derive: "(amount * 100)::bigint",
                check: "cents >= 0", index: true }
            - add_column: { table: orders, name: rank, type: int,
                derive: "(SELECT c.rank FROM currencies c JOIN regions r ON r.currency = c.code
                  WHERE r.region = orders.region)" }
            """
        );

    [Theory, PostgresVersions]
    public Task An_identity_column(int major) =>
        RoadAsync(
            major,
            Tables,
            "- add_column: { table: orders, name: number, type: bigint, identity: { always: true }, unique: true }"
        );

    [Theory, PostgresVersions]
    public Task A_foreign_key_of_an_empty_column(int major) =>
        RoadAsync(
            major,
            Tables,
            "- add_column: { table: orders, name: currency, type: char(3), references: { table: currencies "
                + "}, index: true }"
        );

    [Theory, PostgresVersions]
    public Task A_foreign_key_to_the_table_itself(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - add_column: { table: orders, name: first, type: bigint, backfill: "id",
                references: { table: orders, column: id } }
            """
        );

    [Theory, PostgresVersions]
    public Task A_foreign_key_to_a_partitioned_table(int major) =>
        RoadAsync(
            major,
            Partitions
                + "CREATE TABLE notes (id bigint PRIMARY KEY); INSERT INTO notes SELECT generate_series(1, 500);",
            """
            - add_column: { table: notes, name: event, type: bigint, backfill: "id", references: { table: events } }
            - add_column: { table: notes, name: other, type: bigint, references: { table: events } }
            """
        );

    [Theory, PostgresVersions]
    public Task A_partitioned_table(int major) =>
        RoadAsync(
            major,
            Partitions,
            """
            - add_column:
                table: events
                name: currency
                type: char(3)
                nullable: false
                backfill: "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
                check: "currency ~ '^[A-Z]{3}$'"
                references: { table: currencies, column: code }
                index: true
            """
        );

    [Theory, PostgresVersions]
    public Task An_empty_foreign_key_of_a_partitioned_table(int major) =>
        RoadAsync(
            major,
            Partitions,
            "- add_column: { table: events, name: currency, type: char(3), references: { table: currencies } }"
        );

    [Theory, PostgresVersions(18)]
    public Task A_virtual_column(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - add_column: { table: orders, name: cents, type: bigint,
                generated: { expression: "(amount * 100)::bigint", stored: false } }
            """
        );

    [Theory, PostgresVersions]
    public Task A_small_table(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - add_column:
                table: orders
                name: currency
                type: char(3)
                nullable: false
                backfill: "(SELECT r.currency FROM regions r WHERE r.region = orders.region)"
                check: "currency ~ '^[A-Z]{3}$'"
                references: { table: currencies, column: code }
                index: true
            - add_column: { table: orders, name: number, type: bigint, identity: {}, unique: true }
            """,
            smallTableBytes: 1 << 20
        );

    [Theory, PostgresVersions]
    public Task A_small_partitioned_table(int major) =>
        RoadAsync(
            major,
            Partitions,
            """
            - add_column: { table: events, name: currency, type: char(3), nullable: false,
                backfill: "'USD' || left(region, 0)", references: { table: currencies }, index: true }
            """,
            smallTableBytes: 1 << 20
        );
}

using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

[Trait("kind", "rename_table")]
[Trait("kind", "create_table")]
[Trait("kind", "drop_table")]
[Trait("kind", "drop_column")]
[Trait("kind", "attach_partition")]
[Trait("kind", "detach_partition")]
public class TableLocksTests : StatedLocks
{
    private const string Attachable = """
        CREATE TABLE events (id int NOT NULL, code char(3) REFERENCES currencies,
            PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE INDEX events_code ON events (code);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (1000);
        CREATE TABLE events_d PARTITION OF events DEFAULT; CREATE TABLE fresh (id int NOT NULL, code char(3));
        INSERT INTO events SELECT n, 'USD' FROM generate_series(1, 2000) n;
        INSERT INTO fresh SELECT n, 'EUR' FROM generate_series(5000, 5999) n;
        """;

    [Theory, PostgresVersions(14, 16, 18)]
    public Task An_attached_partition(int major) =>
        RoadAsync(
            major,
            Tables + Attachable,
            "- attach_partition: { table: events, partition: fresh, values: FROM (5000) TO (6000) }"
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task An_attached_partition_that_is_small(int major) =>
        RoadAsync(
            major,
            Tables + Attachable,
            "- attach_partition: { table: events, partition: fresh, values: FROM (5000) TO (6000) }",
            smallTableBytes: 1 << 20
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_partition_is_detached(int major) =>
        RoadAsync(major, Tables + Attachable, "- detach_partition: { table: events, partition: events_1 }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_renamed_table(int major) =>
        RoadAsync(major, Tables, "- rename_table: { table: orders, to: purchases }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_renamed_column(int major) =>
        RoadAsync(major, Tables, "- rename_column: { table: orders, name: region, to: area }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_renamed_column_of_a_partitioned_table(int major) =>
        RoadAsync(major, Partitions, "- rename_column: { table: events, name: region, to: area }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_renamed_partitioned_table(int major) =>
        RoadAsync(major, Partitions, "- rename_table: { table: events, to: happenings }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_table_is_created(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - create_table:
                table: bills
                columns: [{ name: id, type: bigint, identity: {} },
                    { name: order_id, type: bigint, references: { table: orders } },
                    { name: currency, type: char(3), references: { table: currencies } }]
                primary_key: [id]
                indexes: [{ columns: [order_id] }]
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_partitioned_table_is_created(int major) =>
        RoadAsync(
            major,
            Tables,
            """
            - create_table:
                table: logs
                columns: [{ name: at, type: date },
                    { name: currency, type: char(3), references: { table: currencies } }]
                partition_by: { method: range, columns: [at] }
                partitions: [{ name: logs_1, from: ["'2026-01-01'"], to: ["'2026-02-01'"] },
                    { name: logs_d, default: true }]
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_table_is_dropped(int major) =>
        RoadAsync(
            major,
            Tables + More + "ALTER TABLE lines ADD CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES orders;",
            "- drop_table: { table: lines }"
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_partitioned_table_is_dropped(int major) =>
        RoadAsync(major, Partitions, "- drop_table: { table: events }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Dropped_columns(int major) =>
        RoadAsync(
            major,
            Tables + More + "ALTER TABLE lines ALTER n SET NOT NULL;",
            """
            - drop_column: { table: lines, name: n, down: order_id }
            - drop_column: { table: lines, name: code, default: "'EUR'" }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_column_of_partitions_is_dropped(int major) =>
        RoadAsync(
            major,
            Partitions + "ALTER TABLE events ALTER region SET NOT NULL;",
            "- drop_column: { table: events, name: region, down: \"'eu'\" }"
        );
}

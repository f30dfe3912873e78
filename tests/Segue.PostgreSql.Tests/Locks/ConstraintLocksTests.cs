using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>Altered columns, indexes and constraints.</summary>
[Trait("kind", "create_index")]
[Trait("kind", "drop_index")]
[Trait("kind", "rename_index")]
[Trait("kind", "replace_index")]
[Trait("kind", "reindex")]
[Trait("kind", "add_check")]
[Trait("kind", "add_foreign_key")]
[Trait("kind", "add_unique")]
[Trait("kind", "add_primary_key")]
[Trait("kind", "drop_constraint")]
[Trait("kind", "rename_constraint")]
[Trait("kind", "alter_column")]
public class ConstraintLocksTests : StatedLocks
{
    [Theory, PostgresVersions(14, 16, 18)]
    public Task Altered_columns(int major) =>
        RoadAsync(
            major,
            Tables + More,
            """
            - alter_column: { table: orders, name: region, nullable: false, backfill: "'eu'", default: "'us'",
                type: varchar }
            - alter_column: { table: orders, name: amount, nullable: true, statistics: 50 }
            - alter_column: { table: lines, name: code, comment: ISO 4217, statistics: 50 }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Altered_columns_of_a_partitioned_table(int major) =>
        RoadAsync(
            major,
            Partitions + "UPDATE events SET region = NULL;",
            """
            - alter_column: { table: events, name: region, nullable: false, backfill: "'eu'",
                drop_default: true, comment: where, statistics: 50 }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Altered_columns_of_a_small_table(int major) =>
        RoadAsync(
            major,
            Tables,
            """- alter_column: { table: orders, name: region, nullable: false, backfill: "'eu'", storage: external }""",
            smallTableBytes: 1 << 20
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Indexes(int major) =>
        RoadAsync(
            major,
            Tables + More,
            """
            - create_index: { table: lines, name: lines_odd, columns: [{ expression: n % 2 }, code], where: n > 5 }
            - create_index: { table: orders, columns: [id, region], unique: true }
            - rename_index: { index: lines_n_idx, to: lines_by_n }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Rebuilt_and_replaced_indexes(int major) =>
        RoadAsync(
            major,
            Tables + More,
            """
            - reindex: { table: orders }
            - replace_index: { index: lines_n_idx, by: { columns: [n, code] } }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task An_index_is_dropped(int major) =>
        RoadAsync(major, Tables + More, "- drop_index: { index: lines_n_idx }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Indexes_of_a_partitioned_table(int major) =>
        RoadAsync(major, Partitions, "- create_index: { table: events, columns: [region, id], unique: true }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task An_index_of_a_partitioned_table_is_dropped(int major) =>
        RoadAsync(
            major,
            Partitions + "CREATE INDEX events_region_idx ON events (region);",
            "- drop_index: { index: events_region_idx }"
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Constraints(int major) =>
        RoadAsync(
            major,
            Tables + More,
            """
            - add_check: { table: lines, check: n < 100000 }
            - add_foreign_key: { table: lines, columns: [order_id], references: { table: orders, on_delete: cascade } }
            - add_primary_key: { table: lines, columns: [n] }
            - add_unique: { table: lines, columns: [order_id, n], deferrable: true }
            - rename_constraint: { table: lines, name: sane, to: healthy }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task An_exclusion_of_a_small_table(int major) =>
        RoadAsync(
            major,
            Tables + More,
            "- add_exclusion: { table: lines, method: btree, elements: [{ column: n, operator: \"=\" }] }",
            smallTableBytes: 1 << 20
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Constraints_are_dropped(int major) =>
        RoadAsync(
            major,
            Tables + More,
            """
            - drop_constraint: { table: lines, name: sane }
            - drop_constraint: { table: lines, name: coded }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Constraints_of_a_partitioned_table(int major) =>
        RoadAsync(
            major,
            Partitions
                + "UPDATE events SET region = 'USD'; ALTER TABLE events ALTER region TYPE char(3); ALTER "
                + "TABLE events ADD CONSTRAINT sane CHECK (id >= 0);",
            """
            - add_check: { table: events, check: id < 100000 }
            - add_foreign_key: { table: events, columns: [region], references: { table: currencies } }
            - rename_constraint: { table: events, name: sane, to: healthy }
            """
        );
}

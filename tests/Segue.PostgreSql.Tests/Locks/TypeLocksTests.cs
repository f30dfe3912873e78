using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>Types, and options of tables.</summary>
[Trait("kind", "create_enum")]
[Trait("kind", "add_enum_value")]
[Trait("kind", "rename_enum_value")]
[Trait("kind", "create_domain")]
[Trait("kind", "alter_domain")]
[Trait("kind", "set_options")]
public class TypeLocksTests : StatedLocks
{
    [Theory, PostgresVersions(14, 16, 18)]
    public Task Enums(int major) =>
        RoadAsync(
            major,
            Tables + "CREATE TYPE status AS ENUM ('a', 'b'); ALTER TABLE items ADD s status DEFAULT 'a';",
            """
            - create_enum: { name: mood, labels: [x, y], comment: A word }
            - rename_enum_value: { type: status, from: a, to: c }
            - add_enum_value: { type: status, value: d, after: b }
            """
        );

    private const string Domains =
        "CREATE DOMAIN price AS int CONSTRAINT sane CHECK (VALUE > 0); CREATE TABLE goods (p price); "
        + "INSERT INTO goods SELECT generate_series(1, 100); CREATE TABLE wares (n int, p price) PARTITION BY "
        + "LIST (n); CREATE TABLE wares_1 PARTITION OF wares DEFAULT; INSERT INTO wares VALUES (1, 1);";

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Domains_of_a_table_are_altered(int major) =>
        RoadAsync(
            major,
            Tables + Domains,
            """
            - create_domain: { name: email, type: text, checks: ["VALUE LIKE '%@%'"], comment: A word }
            - alter_domain: { domain: price, add_check: VALUE < 1000, default: 3, comment: A word,
                drop_constraint: sane }
            """
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Domains_of_small_tables_are_altered(int major) =>
        RoadAsync(
            major,
            Tables + Domains,
            "- alter_domain: { domain: price, add_check: VALUE < 1000, nullable: false, rename_constraint: "
                + "{ from: sane, to: healthy } }",
            smallTableBytes: 1 << 20
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Options(int major) =>
        RoadAsync(
            major,
            Tables + Partitioned,
            """
            - set_options: { table: orders, set: { fillfactor: 80, toast.autovacuum_enabled: 'off',
                vacuum_truncate: 'off', log_autovacuum_min_duration: 3 }, comment: A word }
            - set_options: { table: items, set: { user_catalog_table: 'on' } }
            - set_options: { table: wares_1, set: { parallel_workers: 2, toast_tuple_target: 200 } }
            - set_options: { table: wares, comment: A word }
            """
        );

    private const string Partitioned =
        "CREATE TABLE wares (n int, p int) PARTITION BY LIST (n); CREATE TABLE wares_1 PARTITION OF wares DEFAULT;";
}

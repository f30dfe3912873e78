using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>
/// Each step's stated locks are the ones the server shows while the step's own statements run, and what they block is
/// what a bystander
/// meets (PG12, PG24, RL6: lock classes and partners' locks are measured, never assumed).
/// </summary>
public class StatedLocksTests
{
    private const string Tables = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY, rank int UNIQUE);
        INSERT INTO currencies VALUES ('USD', 1), ('EUR', 2);
        CREATE TABLE regions (region text PRIMARY KEY, currency char(3) NOT NULL);
        INSERT INTO regions VALUES ('eu', 'EUR'), ('us', 'USD');
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, amount numeric(12, 2));
        INSERT INTO orders (region, amount) SELECT CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, n
            FROM generate_series(1, 3000) n;
        CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint REFERENCES orders);
        ANALYZE;
        """;

    private const string Partitions = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY);
        INSERT INTO currencies VALUES ('USD'), ('EUR');
        CREATE TABLE events (id bigint NOT NULL, region text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (1000);
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (1000) TO (3000) PARTITION BY RANGE (id);
        CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES FROM (1000) TO (2000);
        CREATE TABLE events_2b PARTITION OF events_2 DEFAULT;
        INSERT INTO events SELECT n, CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END FROM generate_series(1, 2900) n;
        ANALYZE;
        """;

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

    private const string More = """
        CREATE TABLE lines (order_id bigint, n int, code char(3));
        INSERT INTO lines SELECT n, n, 'USD' FROM generate_series(1, 3000) n;
        CREATE INDEX lines_n_idx ON lines (n); ALTER TABLE lines ADD CONSTRAINT sane CHECK (n > 0),
            ADD CONSTRAINT coded FOREIGN KEY (code) REFERENCES currencies (code);
        """;

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
    public Task A_dropped_index(int major) => RoadAsync(major, Tables + More, "- drop_index: { index: lines_n_idx }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task Indexes_of_a_partitioned_table(int major) =>
        RoadAsync(major, Partitions, "- create_index: { table: events, columns: [region, id], unique: true }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_dropped_index_of_a_partitioned_table(int major) =>
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
    public Task Dropped_constraints(int major) =>
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
    public Task Domains_of_any_table(int major) =>
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
    public Task Domains_of_small_tables(int major) =>
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
    public Task A_detached_partition(int major) =>
        RoadAsync(major, Tables + Attachable, "- detach_partition: { table: events, partition: events_1 }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_renamed_table(int major) =>
        RoadAsync(major, Tables, "- rename_table: { table: orders, to: purchases }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_renamed_partitioned_table(int major) =>
        RoadAsync(major, Partitions, "- rename_table: { table: events, to: happenings }");

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_created_table(int major) =>
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
    public Task A_created_partitioned_table(int major) =>
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
    public Task A_dropped_table(int major) =>
        RoadAsync(
            major,
            Tables + More + "ALTER TABLE lines ADD CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES orders;",
            "- drop_table: { table: lines }"
        );

    [Theory, PostgresVersions(14, 16, 18)]
    public Task A_dropped_partitioned_table(int major) =>
        RoadAsync(major, Partitions, "- drop_table: { table: events }");

    /// <summary>
    /// Forward step by step to the last one, which is tried only; then every undo, last step first, as a rollback does.
    /// </summary>
    private static async Task RoadAsync(int major, string tables, string operations, long smallTableBytes = 0)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(tables);
        await using (PostgresEngine engine = db.Engine())
        {
            await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
            await db.ExecuteAsync(
                "INSERT INTO segue.change (name, content_hash, plan_hash, status) VALUES ('0001_test', '', "
                    + "'', 'pending')"
            );
        }

        db.Planning = new PlanOptions { SmallTableBytes = smallTableBytes };
        Plan plan = await db.PlannedAsync("operations:\n" + operations);
        LockProbe probe = new(db, plan);
        List<string> wrong = [];
        foreach (Step step in plan.Steps())
        {
            if (step.Applied is { } done && await db.ScalarAsync<bool>(done))
            {
                continue;
            }

            bool isLast = step.Id.StartsWith("contract", StringComparison.Ordinal) && step.Undo.Count == 0;
            Compare(step, await probe.RunAsync(step, commit: !isLast), wrong);
        }

        foreach (Step undo in plan.Steps().Reverse().SelectMany(step => step.Undo))
        {
            if (undo.Applied is { } applied && await db.ScalarAsync<bool>(applied))
            {
                continue;
            }

            Compare(undo, await probe.RunAsync(undo, commit: true), wrong);
        }

        foreach (
            Step step in plan.Steps()
                .Where(step => step.Undo.Count > 0 && plan.Steps().Any(other => other.Keeps is not null))
        )
        {
            await probe.RunAsync(step, commit: true);
            if (step.Keeps is { } kept)
            {
                Compare(kept.Purge, await probe.RunAsync(kept.Purge, commit: true), wrong);
            }
        }

        wrong.ShouldBeEmpty();
    }

    private static void Compare(Step step, ShownLocks shown, List<string> wrong)
    {
        IReadOnlyList<string> stated = LockProbe.Stated(step);
        wrong.AddRange(
            shown.Held.Except(stated).Select(held => $"{step.Id}: the server shows {held}, which is not stated.")
        );
        wrong.AddRange(
            stated.Except(shown.Held).Select(held => $"{step.Id}: stated is {held}, which the server does not show.")
        );
        if (step is DdlStep { Locks.Count: > 0 })
        {
            // Otherwise the wait for it would count as holding the others.
            wrong.AddRange(
                shown
                    .Held.Except(shown.Asked)
                    .Where(held => !held.EndsWith("Nothing", StringComparison.Ordinal))
                    .Select(held => $"{step.Id}: {held} is not asked for before the first statement.")
            );
        }
    }
}

using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What cannot be done to a table, or not safely, is said before anything is changed.</summary>
public class TableKindRefusalTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE TABLE slim (id int) WITH (fillfactor = 90);
            CREATE TABLE parts (id int NOT NULL, n int) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE VIEW a_view AS SELECT 1 AS one;
            CREATE TABLE fits (id int NOT NULL, n int); CREATE TABLE odd (id int NOT NULL);
            CREATE TABLE loose (id int, n int);
            CREATE TABLE hashed (id int) PARTITION BY HASH (id); CREATE TABLE one (id int);
            CREATE TABLE keyed (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE keyed_1 PARTITION OF keyed FOR
                VALUES FROM (0) TO (10); CREATE TABLE refers (id int CONSTRAINT to_keyed REFERENCES keyed);
            CREATE TABLE nested (id int, n int) PARTITION BY LIST (n);
            """;

    private static readonly (string Operation, Type Outcome, string What)[] Cannot =
    [
        (
            "set_options: { table: nowhere, set: { fillfactor: 80 } }",
            typeof(RunOutcome.Invalid),
            "set_options nowhere: there is no table nowhere in database"
        ),
        (
            "set_options: { table: a_view, comment: x }",
            typeof(RunOutcome.Refused),
            "public.a_view is a view. Name a table."
        ),
        (
            "set_options: { table: orders, set: { fullfactor: 80 } }",
            typeof(RunOutcome.Invalid),
            "set_options orders: set: unrecognized parameter \"fullfactor\""
        ),
        (
            "set_options: { table: orders, set: { fillfactor: 800 } }",
            typeof(RunOutcome.Invalid),
            "value 800 out of bounds for option \"fillfactor\""
        ),
        (
            "set_options: { table: orders, set: { \"x) --\": 80 } }",
            typeof(RunOutcome.Invalid),
            "\"x) --\" is not a storage parameter."
        ),
        (
            "set_options: { table: orders, reset: [fillfactor] }",
            typeof(RunOutcome.Invalid),
            ": reset: fillfactor is not set on public.orders. Nothing is."
        ),
        (
            "set_options: { table: slim, set: { toast.autovacuum_enabled: 'off' } }",
            typeof(RunOutcome.Invalid),
            "slim has no TOAST table that could take toast.autovacuum_enabled"
        ),
        (
            "set_options: { table: parts, set: { fillfactor: 80 } }",
            typeof(RunOutcome.Refused),
            "parts is partitioned: it has no storage of its own. Name its partitions, each in a "
                + "separate operation, e.g. parts_1."
        ),
        (
            "attach_partition: { table: orders, partition: fits, default: true }",
            typeof(RunOutcome.Invalid),
            "public.orders is not partitioned."
        ),
        (
            "attach_partition: { table: parts, partition: nothing, default: true }",
            typeof(RunOutcome.Invalid),
            "there is no table nothing"
        ),
        (
            "attach_partition: { table: parts, partition: parts_1, default: true }",
            typeof(RunOutcome.Refused),
            "public.parts_1 already is a partition. Detach it first."
        ),
        (
            "attach_partition: { table: parts, partition: nested, default: true }",
            typeof(RunOutcome.Refused),
            "public.nested is partitioned itself"
        ),
        (
            "attach_partition: { table: hashed, partition: one, values: \"WITH (MODULUS 2, REMAINDER 0)\" }",
            typeof(RunOutcome.Refused),
            "public.hashed is partitioned by hash"
        ),
        (
            "attach_partition: { table: keyed, partition: one, values: FROM (10) TO (20) }",
            typeof(RunOutcome.Refused),
            "public.keyed is referenced by to_keyed of refers"
        ),
        (
            "attach_partition: { table: parts, partition: fits, values: FROM (5) TO (20) }",
            typeof(RunOutcome.Invalid),
            ": values: partition \"fits\" would overlap partition FOR VALUES FROM (0) TO (10)."
        ),
        (
            "attach_partition: { table: parts, partition: fits, values: IN (5) }",
            typeof(RunOutcome.Invalid),
            ": values: invalid bound specification for a range partition."
        ),
        (
            "attach_partition: { table: parts, partition: fits, values: \"FROM (5) TO (6); DROP TABLE orders\" }",
            typeof(RunOutcome.Invalid),
            "is not one bound: it contains a semicolon"
        ),
        (
            "attach_partition: { table: parts, partition: odd, values: FROM (10) TO (20) }",
            typeof(RunOutcome.Invalid),
            "child table is missing column \"n\". Make the table like its root first"
        ),
        (
            "attach_partition: { table: parts, partition: loose, values: FROM (10) TO (20) }",
            typeof(RunOutcome.Invalid),
            "must be marked NOT NULL"
        ),
        (
            "attach_partition: { table: parts, partition: fits, default: true }\n  - detach_partition: { "
                + "table: parts, partition: parts_1 }",
            typeof(RunOutcome.Invalid),
            "this change attaches or detaches another. Split them into two changes."
        ),
        (
            "detach_partition: { table: parts, partition: fits }",
            typeof(RunOutcome.Invalid),
            "public.fits is not a partition of public.parts."
        ),
        (
            "detach_partition: { table: keyed, partition: keyed_1 }",
            typeof(RunOutcome.Refused),
            "keyed is referenced by to_keyed of refers"
        ),
        (
            "set_options: { table: slim, comment: a }\n  - set_options: { table: slim, comment: b }",
            typeof(RunOutcome.Invalid),
            "works on this table as well"
        ),
    ];

    [Theory, PostgresVersions(14, 18)]
    public Task An_impossible_operation_is_refused_with_its_reason_and_changes_nothing(int major) =>
        Mistakes.ShouldBeToldAsync(major, Setup, Cannot);

    [Theory, PostgresVersions(15)]
    public async Task A_table_with_an_invalid_index_or_unproven_foreign_key_is_not_attached(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + "INSERT INTO fits VALUES (100, 1), (101, 1); CREATE TABLE kinds (n int PRIMARY KEY); "
                + "INSERT INTO kinds VALUES (1); ALTER TABLE parts ADD FOREIGN KEY (n) REFERENCES kinds; "
                + "ALTER TABLE fits ADD CONSTRAINT unproven FOREIGN KEY (n) REFERENCES kinds NOT VALID; "
                + "CREATE PUBLICATION p FOR TABLE parts"
        );
        await Should.ThrowAsync<Npgsql.PostgresException>(() =>
            db.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY wreck ON fits (n)")
        );
        const string Change =
            "operations:\n  - attach_partition: { table: parts, partition: fits, values: FROM (100) TO (200) }";

        string told = Outcomes.Words(await db.ApplyAsync(Change));
        told.ShouldContain(
            "the index wreck of fits is not valid. `REINDEX INDEX CONCURRENTLY wreck` first, or drop it."
        );
        told.ShouldContain(
            "the foreign key unproven of fits was never proven. `ALTER TABLE \"public\".\"fits\" VALIDATE "
                + "CONSTRAINT \"unproven\"` first."
        );
        await db.ExecuteAsync("DROP INDEX wreck; ALTER TABLE fits VALIDATE CONSTRAINT unproven");

        (await db.PlannedAsync(Change)).Hazards.ShouldContain(hazard => hazard.Code == "published");
        (await db.ApplyAsync(Change)).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(15)]
    public async Task Rollback_does_not_overwrite_a_table_option_set_meanwhile(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (
            await db.ApplyAsync(
                "operations:\n  - set_options: { table: slim, set: { fillfactor: 80 } }\n  - "
                    + "drop_constraint: { table: orders, name: orders_pkey }"
            )
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE slim SET (fillfactor = 60)");

        (await db.RollbackAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("an option of public.slim is not as this change created it");
        await db.ExecuteAsync("ALTER TABLE slim SET (fillfactor = 80)");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ColumnAsync("SELECT reloptions::text FROM pg_class WHERE relname = 'slim'")).ShouldBe([
            "{fillfactor=90}",
        ]);
    }
}

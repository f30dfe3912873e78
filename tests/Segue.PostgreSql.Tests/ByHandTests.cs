using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>
/// Somebody takes away by hand what a change has made: it is done again as a whole, or told; never taken for there.
/// </summary>
public class ByHandTests
{
    private const string Change =
        "operations:\n  - add_column: { table: orders, name: code, type: bigint, backfill: id, index: true }";
    private const string DropTriggers =
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = "
        + "'orders'::regclass LOOP EXECUTE format('DROP TRIGGER %I ON orders', name); END LOOP; END $$";

    private const string FireAlways =
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = "
        + "'orders'::regclass LOOP EXECUTE format('ALTER TABLE orders ENABLE ALWAYS TRIGGER %I', name); END "
        + "LOOP; END $$";

    [Theory, PostgresVersions(15)]
    public async Task A_column_dropped_after_its_fill_is_reported_and_recreated_after_a_rollback(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        await db.ExecuteAsync("ALTER TABLE orders DROP COLUMN code CASCADE");

        Outcomes
            .Words((await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldContain("or the ledger was restored from an older copy");
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();

        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE code IS DISTINCT FROM id")).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_rewrite_missing_from_the_plan_is_refused_and_changes_nothing(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id int); INSERT INTO orders SELECT generate_series(1, 1000); CREATE "
                + "FUNCTION code() RETURNS int LANGUAGE sql STABLE AS 'SELECT 5'"
        );
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted { Stage: "expand" })
            {
                db.ExecuteAsync(
                        "CREATE OR REPLACE FUNCTION code() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT "
                            + "(random() * 5)::int'"
                    )
                    .GetAwaiter()
                    .GetResult();
            }
        };

        RunOutcome outcome = await db.ApplyAsync(
            "operations:\n  - add_column: { table: orders, name: x, type: int, default: code() }"
        );

        outcome
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "This would rewrite the table public.orders, which the plan does not say. Nothing was changed."
            );
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'x'"
            )
        ).ShouldBe(0);
        await db.ExecuteAsync("ALTER TABLE orders ALTER id TYPE bigint");
    }

    [Theory, PostgresVersions(15)]
    public async Task An_interrupted_index_drop_is_never_rolled_back_and_is_finished_by_complete(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE orders (id int); CREATE UNIQUE INDEX orders_id ON orders (id)");
        const string Drop = "operations:\n  - drop_index: { index: orders_id }";
        (await db.ApplyAsync(Drop)).ShouldWaitAtGate();
        using CancellationTokenSource broken = new();
        db.Happened = happened =>
        {
            if (
                happened is RunEvent.StepStarted { Step.Id: var id }
                && id.StartsWith("contract/index", StringComparison.Ordinal)
            )
            {
                db.Happened = _ => { };
                db.ExecuteAsync(
                        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_id'::regclass; "
                            + "UPDATE segue.step SET state = 'running' WHERE id LIKE 'contract/index%'"
                    )
                    .GetAwaiter()
                    .GetResult();
                broken.Cancel();
            }
        };
        (await db.CompleteAsync(cancel: broken.Token)).ShouldBeOfType<RunOutcome.Interrupted>();

        Outcomes.Words(await db.RollbackAsync()).ShouldContain("it is past its contract stage");
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ScalarAsync<bool>("SELECT to_regclass('orders_id') IS NULL")).ShouldBeTrue();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_dropped_index_is_rebuilt(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync("DROP INDEX orders_code_idx");

        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();

        (
            await db.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_code_idx'::regclass")
        ).ShouldBeTrue();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_dropped_sync_trigger_is_reported_and_the_rollback_drops_the_rest(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        await db.ExecuteAsync(DropTriggers);

        RunOutcome.Refused refused = (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Refused>();

        refused.Problems.ShouldHaveSingleItem().What.ShouldContain("is partly undone");
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();
        (
            await db.ColumnAsync(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 "
                    + "AND NOT attisdropped"
            )
        ).ShouldBe(["id", "note"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task Rows_written_while_the_trigger_was_missing_are_filled_after_it_is_recreated(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        IReadOnlyList<string> triggers = await db.ColumnAsync(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'orders'::regclass"
        );
        await db.ExecuteAsync(DropTriggers);
        await db.ExecuteAsync("INSERT INTO orders VALUES (9000, 'while it was away')");
        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Refused>();

        await db.ExecuteAsync(string.Join("; ", triggers));
        await db.ExecuteAsync(FireAlways);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();

        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE code IS DISTINCT FROM id")).ShouldBe(0);
    }

    /// <summary>
    /// As pg_restore --disable-triggers and bulk loads do; afterwards they fire for ordinary sessions only.
    /// </summary>
    [Theory, PostgresVersions(15)]
    public async Task Temporarily_disabled_triggers_are_reported_and_their_rows_are_filled(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "ALTER TABLE orders DISABLE TRIGGER ALL; INSERT INTO orders VALUES (9000, 'a load'); ALTER "
                + "TABLE orders ENABLE TRIGGER ALL"
        );

        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.Refused>()
            .Problems.ShouldHaveSingleItem()
            .What.ShouldContain("missing or disabled");
        await db.ExecuteAsync(FireAlways);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();

        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE code IS DISTINCT FROM id")).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_dropped_during_the_change_leaves_nothing_after_the_rollback(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        await db.ExecuteAsync("DROP TABLE orders");

        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Refused>();
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();

        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_proc WHERE proname LIKE 'sync%'")).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task Rollback_reports_a_table_renamed_meanwhile_and_resumes_when_the_name_is_restored(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE orders RENAME TO moved");

        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("it was renamed or moved");
        (
            await db.ColumnAsync(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = "
                    + "t.tgfoid WHERE p.proname LIKE 'sync%'"
            )
        ).ShouldBe(["moved"]);
        await db.ExecuteAsync("ALTER TABLE moved RENAME TO orders");
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();

        (
            await db.ColumnAsync(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 "
                    + "AND NOT attisdropped"
            )
        ).ShouldBe(["id", "note"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_new_column_renamed_during_the_change_fails_no_statement_of_an_app(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        await db.ExecuteAsync(
            "ALTER TABLE orders RENAME COLUMN code TO renamed; INSERT INTO orders VALUES (9000, 'old "
                + "code'); UPDATE orders SET note = 'y' WHERE id = 9000"
        );

        (await db.ScalarAsync<string>("SELECT note FROM orders WHERE id = 9000")).ShouldBe("y");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_partition_dropped_during_the_fill_needs_no_further_step(int major)
    {
        const string Parts =
            "operations:\n  - add_column: { table: parts, name: code, type: bigint, nullable: false, backfill: id }";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE parts (id bigint) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000);
            CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (1000) TO (200000);
            INSERT INTO parts SELECT n FROM generate_series(1, 60000) n
            """
        );
        bool dropped = false;
        db.Happened = happened =>
        {
            if (happened is RunEvent.Filled { Progress.Relation: "\"public\".\"parts_2\"" } && !dropped)
            {
                dropped = true;
                db.ExecuteAsync("DROP TABLE parts_2").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync(Parts)).ShouldWaitAtGate();

        dropped.ShouldBeTrue();
        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();
        (await db.ScalarAsync<long>("SELECT count(*) FROM parts WHERE code IS DISTINCT FROM id")).ShouldBe(0);
    }

    private static async Task<TestDatabase> FilledAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text); INSERT INTO orders SELECT n, 'x' FROM "
                + "generate_series(1, 500) n"
        );
        (await db.ApplyAsync(Change, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        return db;
    }
}

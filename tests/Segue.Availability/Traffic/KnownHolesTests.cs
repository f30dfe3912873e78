using System.Text.RegularExpressions;
using Npgsql;
using Segue.Availability.Support;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.Availability.Traffic;

/// <summary>Where other tools fail, and no other test of ours is closer to the matter.</summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class KnownHolesTests
{
    private const string Cents =
        "operations:\n  - add_column: { table: orders, name: cents, type: bigint, nullable: false, derive: "
        + "\"(amount * 100)::bigint\" }";

    [Theory, PostgresVersions(14, 17)]
    public async Task An_old_apps_update_of_an_unrelated_column_keeps_what_the_new_app_wrote(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 1000);
        (await db.ApplyAsync(Cents)).ShouldWaitAtGate();

        await db.ExecuteAsync("UPDATE orders SET cents = -1 WHERE id = 1");
        await db.ExecuteAsync("UPDATE orders SET note = 'unrelated' WHERE id IN (1, 2)");
        await db.ExecuteAsync("UPDATE orders SET amount = 7, cents = -3 WHERE id = 3");
        await db.ExecuteAsync("UPDATE orders SET amount = 7 WHERE id = 4");

        (await db.ColumnAsync("SELECT cents FROM orders WHERE id <= 4 ORDER BY id")).ShouldBe([
            "-1",
            "200",
            "-3",
            "700",
        ]);
    }

    // Read from the statement's own backend, while it runs.
    [Theory, PostgresVersions(15, 18)]
    public async Task Limits_apply_in_the_transaction_of_each_statement(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 2000);
        await db.ExecuteAsync(
            """
            CREATE TABLE seen (what text, lock_timeout text, statement_timeout text, idle text, commit text);
            CREATE FUNCTION note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
              INSERT INTO seen SELECT tg_tag, current_setting('lock_timeout'), current_setting('statement_timeout'),
                  current_setting('idle_in_transaction_session_timeout'), current_setting('synchronous_commit')
              WHERE EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE 'public.orders%');
            END $$;
            CREATE EVENT TRIGGER note_ddl ON ddl_command_end EXECUTE FUNCTION note_ddl();
            CREATE FUNCTION note_fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              INSERT INTO seen SELECT tg_op, current_setting('lock_timeout'), current_setting('statement_timeout'),
                  current_setting('idle_in_transaction_session_timeout'), current_setting('synchronous_commit');
              RETURN NULL;
            END $$;
            CREATE TRIGGER note_fill AFTER UPDATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION note_fill();
            """
        );

        (await db.ApplyAsync(Tables.Currency + "\n      index: true")).ShouldWaitAtGate();

        (
            await db.ColumnAsync(
                "SELECT DISTINCT concat_ws(' ', what, lock_timeout, statement_timeout, idle, commit) FROM "
                    + "seen WHERE what IN ('UPDATE', 'CREATE INDEX') ORDER BY 1"
            )
        ).ShouldBe(["CREATE INDEX 0 0 0 local", "UPDATE 25ms 500ms 2s off"]);

        // Validation runs under no short limit; whatever takes a strong lock runs under what is left of the hold
        // budget.
        (
            await db.ColumnAsync(
                "SELECT DISTINCT concat_ws(' ', lock_timeout, CASE WHEN statement_timeout = '0' THEN 'no "
                    + "limit' WHEN statement_timeout::interval <= '500ms' THEN 'within the budget' END) FROM seen "
                    + "WHERE what = 'ALTER TABLE' ORDER BY 1"
            )
        ).ShouldBe(["0 no limit", "200ms within the budget"]);
    }

    [Theory, PostgresVersions(16)]
    public async Task A_second_change_runs_while_the_first_waits_at_its_gate(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 3000);
        await using TrafficRun apps = await Bystanders.OfAsync(db.ConnectionString);

        (await db.ApplyAsync(Tables.Currency, change: "0001_first")).ShouldWaitAtGate();
        (await db.ApplyAsync(Cents, change: "0002_second")).ShouldWaitAtGate();
        await db.ExecuteAsync("INSERT INTO orders (region, amount, note) VALUES ('eu', 5, 'old code')");
        (await db.CompleteAsync("0002_second")).ShouldBeCompleted();
        await db.ExecuteAsync(
            "INSERT INTO orders (region, amount, note, cents) VALUES ('eu', 6, 'half new code', 600)"
        );
        (await db.CompleteAsync("0001_first")).ShouldBeCompleted();

        await apps.ShouldHaveNoticedNothingAsync();
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE cents <> amount * 100")).ShouldBe(0);
    }

    [Theory]
    [InlineData("backfill: upper(regoin)", "regoin")]
    [InlineData("derive: upper(regoin)", "regoin")]
    [InlineData("default: no_such_function()", "no_such_function")]
    [InlineData("check: currenci > ''", "currenci")]
    [InlineData("backfill: max(region)", "aggregate functions are not allowed")]
    public async Task An_expression_that_the_server_rejects_is_found_at_planning(string key, string named)
    {
        await using TestDatabase db = await OrdersAsync(Postgres.Majors[^1], 100);

        PlanOutcome outcome = await db.PlanAsync(
            $"operations:\n  - add_column:\n      table: orders\n      name: currency\n      type: char(3)\n      {key}"
        );

        outcome.ShouldBeOfType<PlanOutcome.Invalid>().Problems.ShouldHaveSingleItem().What.ShouldContain(named);
        (await db.HasColumnAsync("currency")).ShouldBeFalse();
    }

    // Users' triggers sort on both sides of ours; each runs once for a filled row, never for a no-op.
    [Theory, PostgresVersions(14, 18)]
    public async Task Users_triggers_run_before_ours_and_once_for_each_filled_row(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 2000);
        await db.ExecuteAsync(
            """
            CREATE TABLE audit (id bigint);
            CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.amount := NEW.amount * 2;
                RETURN NEW; END $$;
            CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (NEW.id);
                RETURN NULL; END $$;
            CREATE TRIGGER "AAA first" BEFORE INSERT OR UPDATE OF amount ON orders FOR EACH ROW
                EXECUTE FUNCTION double();
            CREATE TRIGGER zzz_last BEFORE INSERT OR UPDATE OF amount ON orders FOR EACH ROW EXECUTE FUNCTION double();
            CREATE TRIGGER audit AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
            """
        );
        Plan plan = await db.PlannedAsync(Cents);
        plan.Hazards.ShouldContain(hazard => hazard.Code == "user-triggers-fire" && hazard.Message.Contains("audit"));

        (await db.ApplyAsync(Cents)).ShouldWaitAtGate();

        (await db.ScalarAsync<long>("SELECT count(*) FROM audit")).ShouldBe(2000);
        await db.ExecuteAsync("INSERT INTO orders (region, amount) VALUES ('eu', 1)");
        await db.ExecuteAsync("UPDATE orders SET amount = 3 WHERE id = 1");
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE cents <> amount * 100")).ShouldBe(0);
        (await db.ScalarAsync<decimal>("SELECT amount FROM orders WHERE id = 1")).ShouldBe(12);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_backfill_ends_while_rows_are_inserted_continuously(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 20_000);
        TrafficClient inserting = new(
            "insert",
            60,
            async (connection, _, cancel) =>
            {
                await using NpgsqlCommand command = new(
                    "INSERT INTO orders (region, amount, note) SELECT 'eu', n, repeat('i', 90) FROM "
                        + "generate_series(1, 50) n",
                    connection
                );
                await command.ExecuteNonQueryAsync(cancel);
            }
        );
        await using TrafficRun app = await TrafficRun.StartAsync([
            new TrafficApp("import", db.ConnectionString, [inserting]),
        ]);

        (await db.ApplyAsync(Tables.Currency, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        await app.StopAsync();
        app.Errors.ShouldBeEmpty();
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
        await using PostgresEngine engine = db.Engine();
        (await engine.Records.Ledger.BackfillsAsync("0001_test", CancellationToken.None))
            .Sum(backfill => backfill.RowsDone)
            .ShouldBeLessThan(await db.ScalarAsync<long>("SELECT count(*) FROM orders"));
    }

    [Theory, PostgresVersions(17)]
    public async Task Filling_an_empty_table_writes_nothing(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 0);

        await db.MigrateAsync(Tables.Currency);

        await using PostgresEngine engine = db.Engine();
        (await engine.Records.Ledger.BackfillsAsync("0001_test", CancellationToken.None)).ShouldAllBe(backfill =>
            backfill.RowsDone == 0 && backfill.Finished
        );
    }

    // The same as one ALTER TABLE would rewrite the table and build the index under its strongest lock.
    [Theory, PostgresVersions(15)]
    public async Task A_volatile_default_and_a_unique_constraint_hold_locks_briefly_on_any_table_size(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 40_000);
        uint before = await db.ScalarAsync<uint>("SELECT relfilenode FROM pg_class WHERE oid = 'orders'::regclass");
        await using TrafficRun apps = await Bystanders.OfAsync(db.ConnectionString);

        await db.MigrateAsync(
            "operations:\n  - add_column: { table: orders, name: token, type: uuid, nullable: false, "
                + "default: gen_random_uuid(), unique: true }"
        );

        await apps.ShouldHaveNoticedNothingAsync();
        (await db.ScalarAsync<uint>("SELECT relfilenode FROM pg_class WHERE oid = 'orders'::regclass")).ShouldBe(
            before
        );
        (await db.ScalarAsync<long>("SELECT count(DISTINCT token) FROM orders")).ShouldBe(40_000);
        await using PostgresEngine engine = db.Engine();
        (await engine.Records.Ledger.StepsAsync("0001_test", CancellationToken.None)).ShouldAllBe(step =>
            step.LockHold == null || step.LockHold < TimeSpan.FromMilliseconds(500)
        );
    }

    // What scans runs alone, under a lock that blocks no app.
    [Theory, PostgresVersions]
    public async Task Nothing_is_validated_under_a_strong_lock(int major)
    {
        await using TestDatabase db = await OrdersAsync(major, 100);
        await db.ExecuteAsync("CREATE TABLE currencies (code char(3) PRIMARY KEY)");

        Plan plan = await db.PlannedAsync(
            Tables.Currency
                + "\n      check: \"currency > ''\"\n      index: true\n      references: { table: currencies }"
        );

        plan.Steps()
            .OfType<DdlStep>()
            .SelectMany(step => step.Statements)
            .ShouldAllBe(statement => !statement.Contains("VALIDATE"));
        plan.Steps().OfType<OnlineStep>().Sum(step => Regex.Count(step.Statement, "VALIDATE CONSTRAINT")).ShouldBe(3);
        plan.Steps()
            .Where(step => step.Impact.Cost is Cost.Scan or Cost.Build)
            .ShouldAllBe(step => step.Impact.Blocks == Blocks.Nothing);
    }

    private static async Task<TestDatabase> OrdersAsync(int major, int rows)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(rows);
        return db;
    }
}

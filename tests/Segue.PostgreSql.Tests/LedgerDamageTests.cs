using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Inspection;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>
/// Somebody damaged the ledger in the middle of a change: the doctor names it, and there is a way out.
/// </summary>
public class LedgerDamageTests
{
    private const string Change =
        "operations:\n  - add_column: { table: orders, name: code, type: bigint, nullable: false, backfill: id }";

    /// <summary>The damage, and what the doctor says about it.</summary>
    private static TheoryData<string, string> Mended =>
        new()
        {
            { "DELETE FROM segue.lease", "The row of segue.lease is missing" },
            { "DROP TABLE segue.lease", "table segue.lease is missing" },
            { "DELETE FROM segue.meta", "The row of segue.meta is missing" },
            { "DROP TABLE segue.meta", "table segue.meta is missing" },
            {
                "UPDATE segue.step SET state = 'running' WHERE kind = 'backfill'; UPDATE segue.backfill "
                    + "SET cursor = '{\"next\": \"here\"}'",
                "The cursor of orders in segue.backfill cannot be read"
            },
            {
                "UPDATE segue.step SET state = 'running' WHERE kind = 'backfill'; UPDATE segue.backfill "
                    + "SET cursor = jsonb_set(cursor, '{next}', '-3')",
                "The cursor of orders in segue.backfill cannot be read"
            },
            { "DROP TABLE segue.backfill CASCADE", "table segue.backfill is missing" },
            { "DELETE FROM segue.step", "The steps of 0001_test are missing" },
            { "DROP TABLE segue.step", "table segue.step is missing" },
            { "DROP TABLE segue.event CASCADE", "table segue.event is missing" },
            { "DROP TABLE segue.step; DROP TABLE segue.event CASCADE", "table segue.event is missing" },
            { "DROP TABLE segue.change CASCADE", "table segue.change is missing" },
            {
                "DROP TABLE segue.change CASCADE; DROP TABLE segue.backfill CASCADE",
                "foreign key of segue.step is missing"
            },
            { "ALTER TABLE segue.plan DROP CONSTRAINT plan_change_fkey", "foreign key of segue.plan is missing" },
            { "DROP TABLE segue.retained", "table segue.retained is missing" },
            { "DROP FUNCTION segue.fence(bigint)", "function segue.fence is missing" },
            {
                "DROP FUNCTION segue.append_event(text, text, text); DROP FUNCTION segue.refuse_edit() CASCADE",
                "trigger append_only is missing"
            },
        };

    /// <summary>Every damage when everything runs, a fifth of them by turns in the quick tier.</summary>
    public static IEnumerable<object[]> Repaired => Mended.Where((_, index) => Rotation.Takes(index));

    public static IEnumerable<object[]> RolledBack => Mended.Where((_, index) => Rotation.Takes(index + 2));

    [Theory, MemberData(nameof(Repaired))]
    public async Task A_damaged_ledger_is_reported_by_the_doctor_and_repaired_by_the_next_run(
        string damage,
        string words
    )
    {
        await using TestDatabase db = await FilledAsync();
        await db.ExecuteAsync(damage);

        IReadOnlyList<Diagnosis> found = await DiagnosesAsync(db);
        found.ShouldContain(diagnosis => diagnosis.Health != Health.Good && diagnosis.Message.Contains(words));
        found.ShouldNotContain(diagnosis => diagnosis.Topic == "ledger" && diagnosis.Health == Health.Good);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();

        (await DiagnosesAsync(db)).ShouldNotContain(diagnosis => diagnosis.Health != Health.Good);
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE code IS DISTINCT FROM id")).ShouldBe(0);
        (await db.ScalarAsync<long>("SELECT count(*) FROM segue.history WHERE NOT unaltered")).ShouldBe(0);
    }

    [Theory, MemberData(nameof(RolledBack))]
    public async Task A_rollback_with_a_damaged_ledger_drops_what_the_change_created(string damage, string words)
    {
        words.ShouldNotBeEmpty();
        await using TestDatabase db = await FilledAsync();
        await db.ExecuteAsync(damage);

        (await db.RollbackAsync()).ShouldBeRolledBack();

        (
            await db.ColumnAsync(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 "
                    + "AND NOT attisdropped ORDER BY attnum"
            )
        ).ShouldBe(["id", "note"]);
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND NOT tgisinternal"
            )
        ).ShouldBe(0);
    }

    [Fact]
    public async Task A_ledger_without_its_change_table_is_reported_until_init_recreates_it()
    {
        await using TestDatabase db = await FilledAsync();
        await db.ExecuteAsync("DROP TABLE segue.change CASCADE");
        await using PostgresEngine engine = db.Engine();

        Exception damaged = await Should.ThrowAsync<Npgsql.PostgresException>(() =>
            engine.Records.Ledger.ListAsync(CancellationToken.None)
        );
        engine
            .Execution.Describe(damaged)
            .ShouldStartWith(
                "The ledger is damaged: relation \"segue.change\" does not exist. The doctor reports what is missing"
            );

        await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
        (await engine.Records.Ledger.ListAsync(CancellationToken.None))
            .ShouldHaveSingleItem()
            .Error.ShouldBe("The ledger was damaged; this record was rebuilt from its events.");
        (await DiagnosesAsync(db)).ShouldNotContain(diagnosis => diagnosis.Health != Health.Good);
        (
            await db.ScalarAsync<long>("SELECT count(*) FROM pg_constraint WHERE confrelid = 'segue.change'::regclass")
        ).ShouldBe(4);
    }

    [Theory]
    [InlineData("DELETE FROM segue.plan")]
    [InlineData("DROP TABLE segue.plan")]
    public async Task A_missing_plan_is_reported_and_nothing_runs(string damage)
    {
        await using TestDatabase db = await FilledAsync();
        await db.ExecuteAsync(damage);

        (await DiagnosesAsync(db)).ShouldContain(diagnosis =>
            diagnosis.Health == Health.Bad
            && diagnosis.Message.Contains("segue.plan")
            && diagnosis.Message.Contains("backup")
        );
        foreach (RunOutcome outcome in (RunOutcome[])[await db.ApplyAsync(Change), await db.RollbackAsync()])
        {
            outcome.ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("Restore the row from a backup");
        }
    }

    [Fact]
    public async Task A_schema_dropped_during_a_change_ends_the_run_with_a_message()
    {
        await using TestDatabase db = await OrdersAsync();
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted { Stage: "backfill" })
            {
                db.ExecuteAsync("DROP SCHEMA segue CASCADE").GetAwaiter().GetResult();
            }
        };

        Outcomes.Words(await db.ApplyAsync(Change)).ShouldContain("The doctor reports");
    }

    [Fact]
    public async Task Sync_triggers_unknown_to_the_ledger_are_named_with_the_statement_that_drops_them()
    {
        await using TestDatabase db = await FilledAsync();
        await db.ExecuteAsync(
            "DROP TABLE segue.old_write, segue.retained, segue.backfill, segue.step, segue.plan, segue.change, "
                + "segue.lease, segue.meta, segue.event CASCADE"
        );

        string message = (await DiagnosesAsync(db)).First(diagnosis => diagnosis.Health == Health.Bad).Message;

        message.ShouldContain("orders has a trigger that Segue created");
        await db.ExecuteAsync(message.Split('`')[^2]);
    }

    [Fact]
    public async Task A_copied_database_ignores_the_lease_of_its_original()
    {
        await using TestDatabase db = await FilledAsync();
        await using PostgresEngine holder = db.Engine();
        (
            await holder.Records.Leases.TryAcquireAsync("the original's", TimeSpan.FromHours(1), CancellationToken.None)
        ).Lease.ShouldNotBeNull();
        string copy = $"{db.Name}_copy";
        await db.Server.CreateDatabaseAsync(copy);
        await using TestDatabase restored = new(db.Server, copy, db.Server.ConnectionString(copy));
        await restored.ExecuteAsync(
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text); INSERT INTO orders SELECT n, 'x' FROM "
                + "generate_series(1, 500) n"
        );
        (await restored.ApplyAsync(Change, StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        int pid = await db.ScalarAsync<int>("SELECT backend_pid FROM segue.lease");
        await restored.ExecuteAsync(
            $"UPDATE segue.lease SET expires_at = 'infinity', backend_pid = {pid}, backend_start = (SELECT "
                + $"backend_start FROM pg_stat_activity WHERE pid = {pid})"
        );

        (await restored.ApplyAsync(Change)).ShouldWaitAtGate();
    }

    private static async Task<IReadOnlyList<Diagnosis>> DiagnosesAsync(TestDatabase db)
    {
        await using PostgresEngine engine = db.Engine();
        return
        [
            .. (await engine.Inspection.Doctor.ExamineAsync(CancellationToken.None)).Where(diagnosis =>
                diagnosis.Topic == "ledger"
            ),
        ];
    }

    private static async Task<TestDatabase> FilledAsync()
    {
        TestDatabase db = await OrdersAsync();
        (await db.ApplyAsync(Change, StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        return db;
    }

    private static async Task<TestDatabase> OrdersAsync()
    {
        TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text); INSERT INTO orders SELECT n, 'x' FROM "
                + "generate_series(1, 500) n"
        );
        return db;
    }
}

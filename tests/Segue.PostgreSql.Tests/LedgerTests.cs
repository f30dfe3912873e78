using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>The ledger says what is so: how a run ended, and that nobody has altered what it is to run.</summary>
public class LedgerTests
{
    private const string Change =
        "operations:\n  - add_column: { table: orders, name: code, type: bigint, nullable: false, "
        + "backfill: id, check: \"code < 3\" }";

    [Theory, PostgresVersions(15)]
    public async Task A_run_asked_to_stop_after_a_stage_waits_and_names_the_next_command(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);

        (await db.ApplyAsync(Change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        ChangeRecord record = (await db.FindAsync())!;
        (record.Status, record.Stage, record.RunnerIsGone).ShouldBe((ChangeStatus.Waiting, "expand", false));
        record.Gate!.ShouldContain("apply it further");
        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Refused>();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_step_that_failed_has_its_error_until_it_is_done_again(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);

        string message = (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Failed>().Message;

        StepRecord failed = await FailedAsync(db);
        (failed.Id, failed.Error).ShouldBe(("verify/columns/public.orders", message));
        await db.ExecuteAsync("UPDATE orders SET code = 1");
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        (
            await db.ScalarAsync<long>("SELECT count(*) FROM segue.step WHERE error IS NOT NULL OR state = 'failed'")
        ).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_step_whose_server_was_lost_is_recorded_as_failed(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);
        db.Options = db.Options with { LockWait = TimeSpan.FromSeconds(1) };
        await using Npgsql.NpgsqlConnection reader = await db.OpenAsync();
        await using Npgsql.NpgsqlCommand read = new("BEGIN; SELECT FROM orders", reader);
        await read.ExecuteNonQueryAsync();

        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.LockNotObtained>();

        (await FailedAsync(db)).Error!.ShouldContain("did not get its lock");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_stored_plan_that_was_altered_is_neither_applied_nor_rolled_back(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);
        (await db.ApplyAsync(Change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync(
            "UPDATE segue.plan SET json = replace(json, 'DROP COLUMN IF EXISTS \\\"code\\\"', 'DROP COLUMN "
                + "IF EXISTS \\\"note\\\"')"
        );
        (await db.ScalarAsync<bool>("SELECT json LIKE '%EXISTS%note%' FROM segue.plan")).ShouldBeTrue();

        foreach (RunOutcome outcome in (RunOutcome[])[await db.RollbackAsync(), await db.ApplyAsync(Change)])
        {
            outcome
                .ShouldBeOfType<RunOutcome.Refused>()
                .Problems.ShouldHaveSingleItem()
                .Remedy.ShouldContain("The stored plan was altered");
        }

        (
            await db.ColumnAsync(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 "
                    + "ORDER BY attnum"
            )
        ).ShouldBe(["id", "note", "code"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task An_unreadable_stored_plan_is_reported_by_every_verb(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);
        (await db.ApplyAsync(Change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync("UPDATE segue.plan SET json = left(json, 100)");

        foreach (
            RunOutcome outcome in (RunOutcome[])
                [await db.RollbackAsync(), await db.ApplyAsync(Change), await db.CompleteAsync()]
        )
        {
            outcome
                .ShouldBeOfType<RunOutcome.Refused>()
                .Problems.ShouldHaveSingleItem()
                .Remedy.ShouldContain("The stored plan was altered");
        }
    }

    [Theory, PostgresVersions(15)]
    public async Task A_ledger_of_a_newer_Segue_is_never_downgraded(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);
        (await db.ApplyAsync(Change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync("UPDATE segue.meta SET version = 999");
        await using PostgresEngine engine = db.Engine();

        await Should.ThrowAsync<LedgerTooNewException>(engine.Records.Ledger.EnsureAsync(CancellationToken.None));

        (await db.ScalarAsync<int>("SELECT version FROM segue.meta")).ShouldBe(999);
    }

    private static async Task<StepRecord> FailedAsync(TestDatabase db)
    {
        await using PostgresEngine engine = db.Engine();
        return (await engine.Records.Ledger.StepsAsync("0001_test", CancellationToken.None)).Single(step =>
            step.State == StepState.Failed
        );
    }

    private static async Task<TestDatabase> OrdersAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text); INSERT INTO orders SELECT n, 'x' FROM "
                + "generate_series(1, 500) n"
        );
        return db;
    }
}

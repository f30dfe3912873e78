using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Planning;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Indexes;

/// <summary>
/// A concurrent build ends valid, or is gone with its cause told; never invalid, and never somebody else's.
/// </summary>
public class ConcurrentBuildTests
{
    private const string Indexed =
        "operations:\n  - add_column: { table: orders, name: code, type: bigint, backfill: id, index: true }";
    private const string Unique =
        "operations:\n  - add_column: { table: orders, name: code, type: bigint, backfill: id, unique: true }";

    [Theory, PostgresVersions(15)]
    public async Task A_cancelled_index_build_is_cleared_and_reported_and_apply_resumes(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Indexed);
        await using Session writer = await WriterAsync(db);
        Task<RunOutcome> building = db.ApplyAsync(Indexed);
        int pid = await BuildingAsync(db, building);

        await db.ExecuteAsync($"SELECT pg_cancel_backend({pid})");
        await writer.ExecuteAsync("COMMIT");

        (await building)
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("canceling statement due to user request");
        (await IndexesAsync(db)).ShouldBeEmpty();
        await EndsValidAsync(db, Indexed);
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_killed_index_build_is_cleared_and_repeated(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Unique);
        await using Session writer = await WriterAsync(db);
        Task<RunOutcome> building = db.ApplyAsync(Unique);
        int pid = await BuildingAsync(db, building);

        await db.ExecuteAsync($"SELECT pg_terminate_backend({pid})");
        await writer.ExecuteAsync("COMMIT");

        (await building).ShouldWaitAtGate();
        db.EventsOf<RunEvent.Note>()
            .ShouldContain(note => note.Message.StartsWith("Removing the leftovers of a failed attempt"));
        (await IndexesAsync(db)).ShouldBe(["orders_code_key valid"]);
    }

    // A lock or statement timeout set for the database or the role would end every build that waits.
    [Theory, PostgresVersions(14, 17)]
    public async Task An_index_build_waits_for_an_old_snapshot_despite_the_databases_timeouts(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Indexed);
        await using Session report = await Session.InTransactionAsync(
            db.ConnectionString,
            "night-report",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SELECT 1"
        );
        await db.ExecuteAsync($"ALTER DATABASE {db.Name} SET lock_timeout = '50ms'");
        await db.ExecuteAsync($"ALTER DATABASE {db.Name} SET statement_timeout = '200ms'");
        await db.ExecuteAsync($"ALTER DATABASE {db.Name} SET idle_in_transaction_session_timeout = '500ms'");

        Task<RunOutcome> building = db.ApplyAsync(Indexed);
        await Until.TrueAsync(
            () =>
                db.EventsOf<RunEvent.OnlineProgressed>()
                    .Any(told => told.Progress.WaitsFor?.Contains($"pid {report.Pid} (night-report") == true),
            "the build waits and says for whom",
            building
        );
        await report.ExecuteAsync("COMMIT");

        (await building).ShouldWaitAtGate();
        (await IndexesAsync(db)).ShouldBe(["orders_code_idx valid"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task An_index_build_that_exceeds_its_deadline_is_cleared_and_reported(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Indexed);
        await using Session report = await Session.InTransactionAsync(
            db.ConnectionString,
            "night-report",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SELECT 1"
        );
        db.Options = db.Options with { OnlineDeadline = TimeSpan.FromSeconds(2) };

        (await db.ApplyAsync(Indexed))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("it did not end within 2.0 s. Its leftovers were removed.");

        (await IndexesAsync(db)).ShouldBeEmpty();
    }

    [Theory, PostgresVersions(15)]
    public async Task An_interrupted_index_build_is_cleared_at_once_if_possible(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Indexed);
        await using Session writer = await WriterAsync(db);
        using CancellationTokenSource interrupt = new();
        Task<RunOutcome> building = db.ApplyAsync(Indexed, cancel: interrupt.Token);
        await BuildingAsync(db, building);

        // The writer that the build waited for keeps its removal from ending too.
        await interrupt.CancelAsync();
        (await building.WaitAsync(TimeSpan.FromMinutes(2))).ShouldBeOfType<RunOutcome.Interrupted>();

        await writer.ExecuteAsync("COMMIT");
        await EndsValidAsync(db, Indexed);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_removal_that_still_runs_is_waited_for_and_not_begun_twice(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Indexed);
        await db.ExecuteAsync(
            "CREATE INDEX orders_code_idx ON orders (code); UPDATE pg_index SET indisvalid = false WHERE "
                + "indexrelid = 'orders_code_idx'::regclass"
        );
        OnlineStep step = PlanJson
            .Parse(await db.ScalarAsync<string>("SELECT json FROM segue.plan"))
            .Steps()
            .OfType<OnlineStep>()
            .Single(step => step.Residue is not null);
        await using Session writer = await WriterAsync(db);
        await using Session dead = await Session.OpenAsync(db.ConnectionString, "runner that died");
        Task removing = dead.ExecuteAsync(step.Residue!.Clear);
        await Until.TrueAsync(
            () =>
                db.ScalarAsync<bool>(
                    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted)"
                ),
            "the removal waits"
        );

        Task<RunOutcome> building = db.ApplyAsync(Indexed);
        await Until.TrueAsync(
            () => db.EventsOf<RunEvent.Note>().Any(note => note.Message.Contains("still runs on the server")),
            "the removal is adopted",
            building
        );
        await writer.ExecuteAsync("COMMIT");

        await removing;
        (await building).ShouldWaitAtGate();
        (await IndexesAsync(db)).ShouldBe(["orders_code_idx valid"]);
    }

    // Duplicates are shown, nothing is dropped to get rid of them.
    [Theory, PostgresVersions(15)]
    public async Task A_duplicate_inserted_during_a_unique_build_ends_it_without_leftovers(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Unique);
        await using Session writer = await Session.InTransactionAsync(
            db.ConnectionString,
            "shop",
            "UPDATE orders SET code = 1 WHERE id = 2"
        );
        Task<RunOutcome> building = db.ApplyAsync(Unique);
        await BuildingAsync(db, building);
        await writer.ExecuteAsync("COMMIT");

        (await building).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("Two rows have the same value.");
        (await IndexesAsync(db)).ShouldBeEmpty();
        await db.ExecuteAsync("INSERT INTO orders (region, amount, code) VALUES ('eu', 1, 1)");
        await db.ExecuteAsync("UPDATE orders SET code = -id WHERE code = 1 AND id > 1");
        (await db.ApplyAsync(Unique)).ShouldWaitAtGate();
    }

    [Theory, PostgresVersions(15, 17)]
    public async Task A_foreign_index_of_the_name_is_reported_and_left_unchanged(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Indexed);
        await db.ExecuteAsync("CREATE INDEX orders_code_idx ON orders (region)");

        string message = (await db.ApplyAsync(Indexed)).ShouldBeOfType<RunOutcome.Failed>().Message;

        message.ShouldContain("orders_code_idx");
        message.ShouldContain("does not belong to this change");
        (await db.ScalarAsync<string>("SELECT pg_get_indexdef('orders_code_idx'::regclass)")).ShouldBe(
            "CREATE INDEX orders_code_idx ON public.orders USING btree (region)"
        );
        await db.ExecuteAsync("DROP INDEX orders_code_idx");
        await EndsValidAsync(db, Indexed);
    }

    // Only our own wreck is cleared.
    [Theory, PostgresVersions(16)]
    public async Task A_foreign_invalid_index_of_the_name_is_reported_and_left_unchanged(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Indexed);
        await db.ExecuteAsync("CREATE INDEX orders_code_idx ON orders (code, id) WHERE id > 5");
        await db.ExecuteAsync("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_code_idx'::regclass");

        (await db.ApplyAsync(Indexed))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("does not belong to this change");

        (await IndexesAsync(db)).ShouldBe(["orders_code_idx INVALID"]);
    }

    // A plain index of the name on the very column is none that a UNIQUE constraint could use.
    [Theory, PostgresVersions(16)]
    public async Task A_foreign_index_that_is_not_unique_is_not_taken_for_the_unique_index(int major)
    {
        await using TestDatabase db = await VerifiedAsync(major, Unique);
        await db.ExecuteAsync("CREATE INDEX orders_code_key ON orders (code)");

        (await db.ApplyAsync(Unique))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("does not belong to this change");

        (await IndexesAsync(db)).ShouldBe(["orders_code_key valid"]);
    }

    [Theory, PostgresVersions(17)]
    public async Task A_name_already_taken_at_planning_is_left_unchanged(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(500);
        await db.ExecuteAsync("CREATE INDEX orders_code_idx ON orders (region)");

        await db.MigrateAsync(Indexed);

        (await IndexesAsync(db)).ShouldBe(["orders_code_idx valid", "orders_code_idx1 valid"]);
    }

    /// <summary>
    /// The build's own process gets no more than a page and a bit of the index's file beyond 17 MB, more than a WAL
    /// segment has.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task An_index_build_without_disk_space_is_cleared_and_reported(int major)
    {
        const string Large = "operations:\n  - create_index: { table: large, columns: [code] }";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE large AS SELECT n AS code FROM generate_series(1, 1000000) n");
        await db.ExecuteAsync("CHECKPOINT");
        await using Session writer = await Session.InTransactionAsync(
            db.ConnectionString,
            "shop",
            "UPDATE large SET code = 0 WHERE ctid = '(0,1)'"
        );
        Task<RunOutcome> building = db.ApplyAsync(Large);
        await LimitFilesAsync(await BuildingAsync(db, building), (17 * 1024 * 1024) + 4096);
        await writer.ExecuteAsync("COMMIT");

        (await building)
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldMatch("could not (extend file|write block).* Its leftovers were removed");
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 'large'::regclass")).ShouldBe(0);
        (await db.ApplyAsync(Large)).ShouldBeCompleted();
        (
            await db.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indrelid = 'large'::regclass")
        ).ShouldBeTrue();
    }

    private static async Task LimitFilesAsync(int pid, int bytes) =>
        (
            await (await ServerAccount.DetectAsync(CancellationToken.None)).RunAsync(
                ["prlimit", $"--pid={pid}", $"--fsize={bytes}:unlimited"],
                "/",
                CancellationToken.None
            )
        ).Succeeded.ShouldBeTrue();

    private static async Task<TestDatabase> VerifiedAsync(int major, string yaml)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(2000);
        (await db.ApplyAsync(yaml, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        return db;
    }

    private static Task<Session> WriterAsync(TestDatabase db) =>
        Session.InTransactionAsync(db.ConnectionString, "shop", "UPDATE orders SET note = 'w' WHERE id = 1");

    /// <summary>The build's backend, once it waits for somebody.</summary>
    private static async Task<int> BuildingAsync(TestDatabase db, Task<RunOutcome> run)
    {
        const string Query =
            "SELECT coalesce((SELECT max(l.pid) FROM pg_locks l JOIN pg_stat_progress_create_index p ON "
            + "p.pid = l.pid WHERE l.locktype = 'virtualxid' AND NOT l.granted AND p.datname = "
            + "current_database()), 0)";
        int pid = 0;
        await Until.TrueAsync(async () => (pid = await db.ScalarAsync<int>(Query)) > 0, "the build waits", run);
        return pid;
    }

    private static async Task EndsValidAsync(TestDatabase db, string yaml)
    {
        (await db.ApplyAsync(yaml)).ShouldWaitAtGate();
        (await IndexesAsync(db)).ShouldBe(["orders_code_idx valid"]);
    }

    private static Task<IReadOnlyList<string>> IndexesAsync(TestDatabase db) =>
        db.ColumnAsync(
            "SELECT format('%s %s', indexrelid::regclass, CASE WHEN indisvalid THEN 'valid' ELSE 'INVALID' "
                + "END) FROM pg_index WHERE indrelid = 'orders'::regclass AND indexrelid::regclass::text LIKE "
                + "'%code%' ORDER BY 1"
        );
}

using Segue.Availability.Support;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Waiting;

/// <summary>A vacuum of the table holds a lock that conflicts with every change, often for hours.</summary>
public class AutovacuumTests(ITestOutputHelper output)
{
    [Theory, PostgresVersions(15, 18)]
    public async Task An_autovacuum_yields_while_nobody_waits(int major)
    {
        await using PostgresServer server = await StartAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(server);
        await db.CreateOrdersAsync(40_000);
        await db.ExecuteAsync(
            "ALTER TABLE orders SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, "
                + "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 5)"
        );
        await db.ExecuteAsync("UPDATE orders SET note = 'y' WHERE id % 2 = 0");
        await Until.TrueAsync(() => IsVacuumingAsync(db), "autovacuum works on the table");
        await using TrafficRun bystanders = await Bystanders.OfAsync(db.ConnectionString);

        (await db.ApplyAsync(Tables.Note)).ShouldBeCompleted();

        output.WriteLine(await bystanders.ShouldHaveNoticedNothingAsync());
        output.WriteLine($"{db.EventsOf<RunEvent.StepEnded>()[0]}");
        (await File.ReadAllTextAsync(server.LogFile)).ShouldContain("canceling autovacuum task");
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_wraparound_autovacuum_is_waited_for_harmlessly_and_is_named(int major)
    {
        await using PostgresServer server = await StartAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(server);
        await db.CreateOrdersAsync(40_000);
        await db.ExecuteAsync(
            "CREATE PROCEDURE spend() LANGUAGE plpgsql AS $$ BEGIN FOR n IN 1..110000 LOOP PERFORM "
                + "txid_current(); COMMIT; END LOOP; END $$"
        );
        await db.ExecuteAsync("CALL spend()");

        // Since PostgreSQL 16 a vacuum may have frozen every page: the next one works on pages with new versions only.
        await db.ExecuteAsync(
            "ALTER TABLE orders SET (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_delay = "
                + "100, autovacuum_vacuum_cost_limit = 1); UPDATE orders SET note = 'y' WHERE id % 2 = 0"
        );
        await Until.TrueAsync(() => IsVacuumingAsync(db), "autovacuum works on the table");
        await using TrafficRun bystanders = await Bystanders.OfAsync(db.ConnectionString);

        db.Options = db.Options with { LockWait = TimeSpan.FromSeconds(2) };
        RunOutcome blocked = await db.ApplyAsync(Tables.Note);

        Blocker blocker = blocked.ShouldBeOfType<RunOutcome.LockNotObtained>().Blockers.ShouldHaveSingleItem();
        blocker.Query!.ShouldContain("to prevent wraparound");
        (await IsVacuumingAsync(db)).ShouldBeTrue();
        (await db.HasColumnAsync("memo")).ShouldBeFalse();
        db.Options = db.Options with { LockWait = TimeSpan.FromSeconds(60) };
        int told = db.EventsOf<RunEvent.Blocked>().Count;
        Task<RunOutcome> waiting = db.ApplyAsync(Tables.Note);
        await Until.TrueAsync(() => db.EventsOf<RunEvent.Blocked>().Count > told, "it waits for the table", waiting);
        await EndVacuumsAsync(db, waiting);
        (await waiting).ShouldBeCompleted();
        output.WriteLine(await bystanders.ShouldHaveNoticedNothingAsync());
    }

    /// <summary>
    /// At its pace the vacuum would take minutes. If it ends early, the next worker begins it again: one may be on its
    /// way, and it vacuums a table that is too old even when autovacuum is off. So each worker is ended until the
    /// run is done.
    /// </summary>
    private static async Task EndVacuumsAsync(TestDatabase db, Task<RunOutcome> waiting)
    {
        await db.ExecuteAsync("ALTER SYSTEM SET autovacuum = off");
        await db.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.TrueAsync(
            "the run is done",
            async () =>
            {
                await db.ExecuteAsync(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
                );
                return waiting.IsCompleted;
            }
        );
    }

    private static Task<PostgresServer> StartAsync(int major) =>
        PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                Settings = new Dictionary<string, string>
                {
                    ["fsync"] = "off",
                    ["synchronous_commit"] = "off",
                    ["autovacuum_naptime"] = "1s",

                    // A page costs more than the lowest limit, so that the vacuum pauses for 400 ms, the most, at each.
                    ["vacuum_cost_page_hit"] = "100",
                    ["vacuum_cost_page_miss"] = "100",
                    ["vacuum_cost_page_dirty"] = "100",
                },
            }
        );

    private static Task<bool> IsVacuumingAsync(TestDatabase db) =>
        db.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE relid = 'orders'::regclass)");
}

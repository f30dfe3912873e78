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
        await db.ExecuteAsync(
            "ALTER TABLE orders SET (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_delay = "
                + "100, autovacuum_vacuum_cost_limit = 1)"
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
        await EndVacuumAsync(db);
        (await waiting).ShouldBeCompleted();
        output.WriteLine(await bystanders.ShouldHaveNoticedNothingAsync());
    }

    /// <summary>At the pace it has it would take a minute.</summary>
    private static async Task EndVacuumAsync(TestDatabase db)
    {
        await db.ExecuteAsync("ALTER SYSTEM SET autovacuum = off");
        await db.ExecuteAsync("SELECT pg_reload_conf()");
        await db.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_progress_vacuum");
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

                    // Each page costs the same, so that a delay makes for a known pace: the limit's pages each 100 ms.
                    ["vacuum_cost_page_hit"] = "1",
                    ["vacuum_cost_page_miss"] = "1",
                    ["vacuum_cost_page_dirty"] = "1",
                },
            }
        );

    private static Task<bool> IsVacuumingAsync(TestDatabase db) =>
        db.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE relid = 'orders'::regclass)");
}

using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Throttling;
using Segue.Running;
using Segue.Settings;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>Neither a fill nor a build runs a volume of the server full.</summary>
public class DiskTests
{
    private const long MB = 1 << 20;

    private const string SlowIndex =
        "operations:\n  - create_index: { table: orders, name: orders_slow, columns: [{ expression: slowly(note) }] }";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_WAL_volume_that_a_forgotten_slot_fills_stops_the_fill(int major)
    {
        using SmallVolume volume = new(192 * MB);
        await using PostgresServer server = await ServerAsync(
            major,
            ("max_wal_size", "32MB"),
            ("min_wal_size", "32MB")
        );
        await server.StopAsync();
        volume.TakeOver(Path.Combine(server.DataDirectory, "pg_wal"));
        await server.StartAgainAsync();
        await using TestDatabase db = await OrdersAsync(server);
        db.EngineSettings = db.EngineSettings with
        {
            ReadVolume = volume.Read,
            Throttle = new ThrottleSettings { MinFreeDisk = new FreeDisk(null, 96 * MB) },
        };
        await db.ExpandAsync(Tables.Currency);
        await db.ExecuteAsync("SELECT pg_create_physical_replication_slot('forgotten', true)");
        while (volume.Free >= 90 * MB)
        {
            await WriteLogAsync(db);
        }

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        string reason = await StoppedAsync(db, filling);

        reason.ShouldContain(
            $"are free on the volume of the write-ahead log ({server.DataDirectory}/pg_wal); 96 MB must stay free."
        );
        (await db.UnfilledAsync()).ShouldBe(20_000);
        await db.ExecuteAsync("SELECT pg_drop_replication_slot('forgotten')");
        await FreeLogAsync(db, () => volume.Free >= 96 * MB);
        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.UnfilledAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_remote_server_stops_a_fill_when_a_slot_or_the_archiver_retains_too_much_WAL(int major)
    {
        await using PostgresServer server = await ServerAsync(
            major,
            ("archive_mode", "on"),
            ("archive_command", "true")
        );
        await using TestDatabase db = await OrdersAsync(server);
        db.EngineSettings = db.EngineSettings with
        {
            ReadVolume = NotHere,
            Throttle = new ThrottleSettings { MaxWal = 48 * MB },
        };
        await db.ExpandAsync(Tables.Currency);
        await db.ExecuteAsync("SELECT pg_create_physical_replication_slot('forgotten', true)");
        await LogOfAsync(db, 64);

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        string reason = await StoppedAsync(db, filling);

        reason.ShouldStartWith("Replication slot forgotten (not in use) retains ");
        reason.ShouldContain(
            "`SELECT pg_drop_replication_slot('forgotten')`. The limit is 48 MB (`throttle.max_wal`)."
        );
        await db.ExecuteAsync("ALTER SYSTEM SET archive_command = 'false'");
        await db.ExecuteAsync("SELECT pg_reload_conf()");
        await LogOfAsync(db, 80);
        await db.ExecuteAsync("SELECT pg_drop_replication_slot('forgotten')");
        await db.ExecuteAsync("CHECKPOINT");
        await Until.TrueAsync(
            async () => (await db.FindAsync())!.ThrottleReason?.StartsWith("The archiver retains ") == true,
            "the archiver is what is in the way",
            filling
        );
        (await db.UnfilledAsync()).ShouldBe(20_000);
        await db.ExecuteAsync("ALTER SYSTEM SET archive_command = 'true'");
        await db.ExecuteAsync("SELECT pg_reload_conf()");
        await FreeLogAsync(db, () => filling.IsCompleted);
        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.UnfilledAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task Tablespaces_and_temporary_space_are_watched_and_an_unreadable_one_stops_the_fill(int major)
    {
        using SmallVolume orders = new(16 * MB);
        using SmallVolume temporary = new(16 * MB);
        await using PostgresServer server = await ServerAsync(major);
        foreach ((string name, SmallVolume volume) in new[] { ("roomy", orders), ("scratch", temporary) })
        {
            volume.GiveTo(server.DataDirectory);
            await server.ExecuteAsync($"CREATE TABLESPACE \"{name}\" LOCATION '{volume.Path}'");
        }

        await using TestDatabase db = await OrdersAsync(server);
        await db.ExecuteAsync("ALTER INDEX orders_amount_idx SET TABLESPACE roomy");
        await server.ExecuteAsync($"ALTER DATABASE {db.Name} SET temp_tablespaces = scratch");
        await using PostgresEngine engine = db.Engine(
            new PostgresEngineSettings
            {
                ReadVolume = place =>
                    place.Path == orders.Path || place.Path == temporary.Path
                        ? new Volume(place.Holds, place.Path, 8 * MB, 16 * MB)
                        : new Volume(place.Holds, place.Path, 1 << 30, 1 << 30),
                Throttle = new ThrottleSettings { MinFreeDisk = new FreeDisk(null, 12 * MB) },
            }
        );

        (await ReasonAsync(engine, "\"public\".\"orders\"")).ShouldBeOneOf(
            $"Only 8 MB are free on the volume of tablespace roomy ({orders.Path}); 12 MB must stay free.",
            "Only 8 MB are free on the volume of temporary space of index builds, tablespace scratch "
                + $"({temporary.Path}); 12 MB must stay free."
        );
        (await ReasonAsync(engine, "\"public\".\"items\"")).ShouldBe(
            "Only 8 MB are free on the volume of temporary space of index builds, tablespace scratch "
                + $"({temporary.Path}); 12 MB must stay free."
        );
        await server.ExecuteAsync($"ALTER DATABASE {db.Name} RESET temp_tablespaces");
        await using PostgresEngine other = db.Engine(
            new PostgresEngineSettings
            {
                ReadVolume = place =>
                    place.Path == orders.Path ? throw new DirectoryNotFoundException("gone") : Volume.Read(place),
                Throttle = new ThrottleSettings { MinFreeDisk = new FreeDisk(null, 1) },
            }
        );
        (await ReasonAsync(other, "\"public\".\"items\"")).ShouldBeNull();
        await Should.ThrowAsync<DirectoryNotFoundException>(() => ReasonAsync(other, "\"public\".\"orders\""));
    }

    [Theory, PostgresVersions(16)]
    public async Task An_index_build_waits_for_disk_space_and_is_cancelled_before_it_runs_out(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(600);
        await db.ExecuteAsync(
            "CREATE FUNCTION slowly(note text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM "
                + "pg_catalog.pg_sleep(0.02); RETURN note; END $$"
        );
        bool isFull = true;
        db.EngineSettings = db.EngineSettings with
        {
            ReadVolume = place => new Volume(place.Holds, place.Path, isFull ? 1 : 1L << 40, 1L << 40),
        };
        db.Happened = happened =>
            isFull = happened switch
            {
                RunEvent.Throttled { Reason: not null } => false,
                RunEvent.OnlineProgressed => true,
                _ => isFull,
            };

        RunOutcome stopped = await db.ApplyAsync(SlowIndex);

        db.EventsOf<RunEvent.Throttled>()[0].Reason!.ShouldContain("must stay free");
        string words = stopped.ShouldBeOfType<RunOutcome.Failed>().Message;
        words.ShouldContain("was stopped: Only 1 B are free on the volume of");
        words.ShouldContain("Its leftovers were removed.");
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_index WHERE indrelid = 'orders'::regclass AND NOT indisvalid"
            )
        ).ShouldBe(0);
        db.Happened = _ => isFull = false;
        (await db.ApplyAsync(SlowIndex)).ShouldBeCompleted();
    }

    private static Volume NotHere(ServerPlace place) => throw new DirectoryNotFoundException(place.Path);

    private static async Task<string?> ReasonAsync(PostgresEngine engine, string relation) =>
        (await engine.Execution.Room([relation])[0].ReadAsync(CancellationToken.None)).StopReason;

    private static async Task<PostgresServer> ServerAsync(int major, params (string Name, string Value)[] settings) =>
        await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                Settings = new Dictionary<string, string>(
                    settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))
                )
                {
                    ["fsync"] = "off",
                    ["wal_level"] = "logical",
                },
            }
        );

    private static async Task<TestDatabase> OrdersAsync(PostgresServer server)
    {
        TestDatabase db = await Postgres.DatabaseAsync(server);
        await db.CreateOrdersAsync(20_000);
        return db;
    }

    private static Task WriteLogAsync(TestDatabase db) =>
        db.ExecuteAsync(
            "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1 << 20)) FROM generate_series(1, "
                + "8); SELECT pg_switch_wal()"
        );

    private static async Task LogOfAsync(TestDatabase db, int megabytes)
    {
        for (int written = 0; written < megabytes; written += 16)
        {
            await WriteLogAsync(db);
        }
    }

    /// <summary>
    /// The archiver comes and goes at its own pace, and only then a checkpoint frees what it was waited for.
    /// </summary>
    private static Task FreeLogAsync(TestDatabase db, Func<bool> isFreed) =>
        Until.TrueAsync(
            async () =>
            {
                await db.ExecuteAsync("CHECKPOINT");
                return isFreed();
            },
            "the log is freed"
        );

    private static async Task<string> StoppedAsync(TestDatabase db, Task<RunOutcome> filling)
    {
        await Until.TrueAsync(
            async () => (await db.FindAsync())!.ThrottleReason is not null,
            "it is stopped, and the ledger tells",
            filling
        );
        return (await db.FindAsync())!.ThrottleReason!;
    }
}

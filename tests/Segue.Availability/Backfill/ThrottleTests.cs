using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Settings;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>The backfill stops when it hurts, says why in words, and goes on by itself.</summary>
public class ThrottleTests(Primaries primaries) : IClassFixture<Primaries>
{
    [Theory, PostgresVersions(16)]
    public async Task A_replica_that_falls_behind_stops_the_fill_until_it_has_caught_up(int major)
    {
        PostgresServer primary = await primaries.OfAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(primary);
        await db.CreateOrdersAsync(40_000);
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        db.EngineSettings = db.EngineSettings with { Throttle = new ThrottleSettings { ReplicaLagBytes = 256 << 10 } };
        await standby.ExecuteAsync("SELECT pg_wal_replay_pause()");

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        string reason = await StoppedAsync(db, filling);

        reason.ShouldContain($"Replica standby_{standby.Port} is behind by");
        (await db.FindAsync())!.ThrottleReason.ShouldBe(reason);
        await standby.ExecuteAsync("SELECT pg_wal_replay_resume()");
        await EndedAsync(db, filling);
    }

    // A replica that is gone is gone from the primary's list as well: only asking it tells.
    [Theory, PostgresVersions(15)]
    public async Task A_stopped_replica_named_in_the_settings_stops_the_fill_until_it_runs_again(int major)
    {
        PostgresServer primary = await primaries.OfAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(primary);
        await db.CreateOrdersAsync(60_000);
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        db.EngineSettings = db.EngineSettings with { Standbys = [standby.ConnectionString(db.Name)] };
        Task<RunOutcome> filling = await db.PauseMidwayAsync(Tables.Currency);
        await standby.StopAsync();
        await db.RequestPauseAsync(false);

        await Until.TrueAsync(
            async () =>
                (await db.FindAsync())!.ThrottleReason?.Contains($"Replica 127.0.0.1:{standby.Port} does not report")
                == true,
            "it is stopped, and the ledger tells",
            filling
        );
        (await db.UnfilledAsync()).ShouldBeGreaterThan(0);

        await standby.StartAgainAsync();
        await EndedAsync(db, filling);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_replica_named_in_the_settings_is_asked_for_its_position_if_the_primary_does_not_report_it(
        int major
    )
    {
        PostgresServer primary = await primaries.OfAsync(major);
        await using TestDatabase admin = await Postgres.DatabaseAsync(primary);
        await admin.CreateOrdersAsync(40_000);
        await using TestDatabase owner = await OwnedAsync(admin, "asking_owner");
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        owner.EngineSettings = owner.EngineSettings with
        {
            Standbys = [standby.ConnectionString(owner.Name, "asking_owner")],
            Throttle = new ThrottleSettings { ReplicaLagBytes = 256 << 10 },
        };
        await standby.ExecuteAsync("SELECT pg_wal_replay_pause()");

        (await owner.ApplyAsync(Tables.Currency, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        Task<RunOutcome> filling = owner.ApplyAsync(Tables.Currency, StageName.Verify);
        (await StoppedAsync(owner, filling)).ShouldContain($"Replica 127.0.0.1:{standby.Port} is behind by");

        await standby.ExecuteAsync("SELECT pg_wal_replay_resume()");
        await EndedAsync(owner, filling);
    }

    // Time counts as well as bytes.
    [Theory, PostgresVersions(16)]
    public async Task A_replica_that_replays_nothing_stops_the_fill_however_little_it_is_behind(int major)
    {
        PostgresServer primary = await primaries.OfAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(primary);
        await db.CreateOrdersAsync(2000);
        await db.ExecuteAsync(
            "CREATE FUNCTION slowly(region text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM "
                + "pg_sleep(0.002); RETURN 'USD'; END $$"
        );
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        db.EngineSettings = db.EngineSettings with
        {
            Throttle = new ThrottleSettings { ReplicaLag = TimeSpan.FromSeconds(1), ReplicaLagBytes = 1L << 40 },
        };
        await standby.ExecuteAsync("SELECT pg_wal_replay_pause()");

        Task<RunOutcome> filling = db.ApplyAsync(
            "operations:\n  - add_column: { table: orders, name: currency, type: char(3), nullable: false, "
                + "backfill: slowly(region) }",
            StageName.Verify
        );
        (await StoppedAsync(db, filling)).ShouldContain($"Replica standby_{standby.Port} is behind");

        await standby.ExecuteAsync("SELECT pg_wal_replay_resume()");
        await EndedAsync(db, filling);
    }

    [Theory, PostgresVersions(15)]
    public async Task Sessions_that_wait_for_a_lock_on_the_table_stop_the_fill(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(20_000);
        (await db.ApplyAsync(Tables.Currency, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await using Session holder = await Session.InTransactionAsync(
            db.ConnectionString,
            "holder",
            "LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE"
        );
        await using Session waiter = await Session.OpenAsync(db.ConnectionString, "waiter");
        Task waiting = waiter.ExecuteAsync("ANALYZE orders");
        await Until.TrueAsync(
            () =>
                db.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {waiter.Pid} AND NOT granted)"),
            "somebody waits"
        );

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        (await StoppedAsync(db, filling)).ShouldBe("1 sessions wait for a lock on \"public\".\"orders\".");

        await holder.ExecuteAsync("COMMIT");
        await waiting;
        await EndedAsync(db, filling);
    }

    // A signal that cannot be read counts as stop.
    [Theory, PostgresVersions(14, 17)]
    public async Task A_signal_that_cannot_be_read_stops_the_fill_and_is_reported(int major)
    {
        await using TestDatabase admin = await Postgres.EmptyDatabaseAsync(major);
        await admin.CreateOrdersAsync(20_000);
        await using TestDatabase owner = await OwnedAsync(admin, "fill_owner");
        await admin.ExecuteAsync("REVOKE SELECT ON pg_stat_replication FROM PUBLIC");

        Task<RunOutcome> filling = owner.ApplyAsync(Tables.Currency, StageName.Verify);
        (await StoppedAsync(owner, filling)).ShouldContain("replica lag cannot be read");

        await admin.ExecuteAsync("GRANT SELECT ON pg_stat_replication TO PUBLIC");
        await EndedAsync(owner, filling);
    }

    // The view shows an ordinary role that there is a standby, and nothing of how far it is.
    [Theory, PostgresVersions(17)]
    public async Task A_replica_whose_lag_is_hidden_from_the_role_stops_the_fill_and_the_grant_is_named(int major)
    {
        PostgresServer primary = await primaries.OfAsync(major);
        await using TestDatabase admin = await Postgres.DatabaseAsync(primary);
        await admin.CreateOrdersAsync(20_000);
        await using TestDatabase owner = await OwnedAsync(admin, "blind_owner");
        await using PostgresServer standby = await primary.CreateStandbyAsync();

        Task<RunOutcome> filling = owner.ApplyAsync(Tables.Currency, StageName.Verify);
        (await StoppedAsync(owner, filling)).ShouldContain("GRANT pg_read_all_stats TO \"blind_owner\"");

        await admin.ExecuteAsync("GRANT pg_read_all_stats TO blind_owner");
        await EndedAsync(owner, filling);
    }

    // Progress from committed rows, readable by anybody who may read the ledger.
    [Theory, PostgresVersions(15)]
    public async Task A_fill_is_paused_watched_and_resumed_from_another_connection(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(60_000);
        Task<RunOutcome> filling = await db.PauseMidwayAsync(Tables.Currency);

        await using PostgresEngine other = db.Engine();
        BackfillRecord progress = (await other.Records.Ledger.BackfillsAsync("0001_test", CancellationToken.None))[0];
        progress.RowsDone.ShouldBeInRange(1, 59_999);
        progress.RowsDone.ShouldBe(60_000 - await db.UnfilledAsync());
        (await db.ColumnAsync("SELECT status || ' ' || rows_done FROM segue.progress")).ShouldBe([
            $"paused {progress.RowsDone}",
        ]);
        db.EventsOf<RunEvent.Throttled>()[^1].Reason!.ShouldBe("a person asked for it");

        await db.RequestPauseAsync(false);
        await EndedAsync(db, filling);
    }

    private static async Task<string> StoppedAsync(TestDatabase db, Task<RunOutcome> filling)
    {
        await Until.TrueAsync(
            () => db.EventsOf<RunEvent.Throttled>().Any(held => held.Reason is not null),
            "it is stopped",
            filling
        );
        await Until.TrueAsync(
            async () => (await db.FindAsync())!.ThrottleReason is not null,
            "the ledger tells",
            filling
        );
        return (await db.FindAsync())!.ThrottleReason!;
    }

    private static async Task EndedAsync(TestDatabase db, Task<RunOutcome> filling)
    {
        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.UnfilledAsync()).ShouldBe(0);
        (await db.FindAsync())!.ThrottleReason.ShouldBeNull();
    }

    private static async Task<TestDatabase> OwnedAsync(TestDatabase admin, string role)
    {
        await admin.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {admin.Name} TO {role}; GRANT CREATE ON "
                + $"SCHEMA public TO {role}; ALTER TABLE orders OWNER TO {role}"
        );
        return new TestDatabase(admin.Server, admin.Name, admin.Server.ConnectionString(admin.Name, role));
    }
}

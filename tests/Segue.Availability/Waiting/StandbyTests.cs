using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Waiting;

/// <summary>A strong lock is replayed on standbys, where it meets readers the primary cannot see.</summary>
public class StandbyTests(ITestOutputHelper output)
{
    [Theory, PostgresVersions(15)]
    public async Task A_reader_on_a_standby_is_waited_for_without_queueing(int major)
    {
        PostgresServer primary = await Postgres.ServerAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(primary);
        await db.CreateOrdersAsync(2000);

        // No row versions vacuumed away, only a lock, can end a reader there.
        await using PostgresServer standby = await primary.CreateStandbyAsync(
            new Dictionary<string, string>
            {
                ["max_standby_streaming_delay"] = "1s",
                ["hot_standby_feedback"] = "on",
                ["wal_receiver_status_interval"] = "1s",
            }
        );
        string onStandby = standby.ConnectionString(db.Name);
        db.EngineSettings = db.EngineSettings with { Standbys = [onStandby] };
        await using Session reader = await Session.InTransactionAsync(
            onStandby,
            "dashboard",
            "SELECT count(*) FROM orders"
        );
        await using TrafficRun atPrimary = await Bystanders.OfAsync(db.ConnectionString, writing: false);
        await using TrafficRun atStandby = await Bystanders.OfAsync(onStandby, writing: false);

        await Until.TrueAsync(
            () => reader.IsOlderThanAsync(TimeSpan.FromMilliseconds(300)),
            "the reader is seen to stay"
        );
        Task<RunOutcome> applying = db.ApplyAsync(Tables.Note);
        await Until.TrueAsync(() => db.EventsOf<RunEvent.Blocked>().Count > 4, "Segue waits", applying);

        db.EventsOf<RunEvent.Blocked>()[^1]
            .Blockers.ShouldHaveSingleItem()
            .ToString()
            .ShouldStartWith(
                $"\"public\".\"orders\" is held by pid {reader.Pid} on standby 127.0.0.1:{standby.Port} "
                    + "(dashboard, user postgres, idle in transaction"
            );
        (await reader.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(2000);
        await reader.ExecuteAsync("COMMIT");
        (await applying).ShouldBeCompleted();
        output.WriteLine($"primary {await atPrimary.ShouldHaveNoticedNothingAsync()}");
        output.WriteLine($"standby {await atStandby.ShouldHaveNoticedNothingAsync()}");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_standby_that_cannot_be_asked_stops_the_change_and_is_named(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(100);
        db.EngineSettings = db.EngineSettings with
        {
            Standbys = ["Host=127.0.0.1;Port=1;Username=postgres;Database=nowhere"],
        };
        db.Options = db.Options with { Reconnect = TimeSpan.FromSeconds(1) };

        RunOutcome outcome = await db.ApplyAsync(Tables.Note);

        outcome.ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("127.0.0.1:1");
        (await db.HasColumnAsync("memo")).ShouldBeFalse();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_replica_that_is_the_very_server_written_to_is_skipped_and_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(2000);
        string itself = db.ConnectionString.Replace("127.0.0.1", "localhost");
        db.EngineSettings = db.EngineSettings with { Standbys = [itself] };

        (await db.ApplyAsync(Tables.Currency)).ShouldWaitAtGate();

        (await db.UnfilledAsync()).ShouldBe(0);
        db.EventsOf<RunEvent.Note>()[0]
            .Message.ShouldBe(
                $"localhost:{db.Server.Port} is named as a replica, but is the server that Segue writes "
                    + "to: it is skipped."
            );
        db.EventsOf<RunEvent.Blocked>().ShouldBeEmpty();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_replica_of_another_cluster_or_one_that_was_promoted_is_refused_before_anything_begins(int major)
    {
        PostgresServer primary = await Postgres.ServerAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(primary);
        await db.CreateOrdersAsync(100);

        // Servers of one version are copies of one cluster here.
        PostgresServer stranger = await Postgres.ServerAsync(major + 1);
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        await standby.PromoteAsync();

        db.EngineSettings = db.EngineSettings with { Standbys = [stranger.ConnectionString()] };
        Outcomes
            .Words(await db.ApplyAsync(Tables.Note))
            .ShouldContain($"127.0.0.1:{stranger.Port} is named as a replica, but belongs to another cluster");
        db.EngineSettings = db.EngineSettings with { Standbys = [standby.ConnectionString(db.Name)] };
        Outcomes
            .Words(await db.ApplyAsync(Tables.Note))
            .ShouldContain($"127.0.0.1:{standby.Port} is named as a replica, but is not a standby: it accepts writes");
        (await db.FindAsync()).ShouldBeNull();
        (await db.HasColumnAsync("memo")).ShouldBeFalse();
    }

    [Theory, PostgresVersions(16)]
    public async Task A_replica_that_becomes_the_primary_in_the_middle_of_a_fill_is_waited_for_no_longer(int major)
    {
        await using PostgresServer primary = await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                Settings = new Dictionary<string, string> { ["fsync"] = "off", ["wal_level"] = "logical" },
            }
        );
        await using TestDatabase before = await Postgres.DatabaseAsync(primary);
        await before.CreateOrdersAsync(60_000);
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        await using TestDatabase db = new(
            primary,
            before.Name,
            $"Host=127.0.0.1:{primary.Port},127.0.0.1:{standby.Port};Username=postgres;Database={before.Name};Target "
                + "Session Attributes=primary"
        );
        db.EngineSettings = db.EngineSettings with { Standbys = [standby.ConnectionString(db.Name)] };
        Task<RunOutcome> filling = await db.PauseMidwayAsync(Tables.Currency);
        await using (Session replayed = await Session.OpenAsync(standby.ConnectionString(db.Name), "replayed"))
        {
            string written = await before.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text");
            await Until.TrueAsync(
                () => replayed.ScalarAsync<bool>($"SELECT pg_last_wal_replay_lsn() >= '{written}'"),
                "the standby has all that was committed",
                filling
            );
        }

        await primary.StopAsync();
        await standby.PromoteAsync();
        db.Reconnect();
        await db.RequestPauseAsync(false);

        RunOutcome outcome = await filling;
        outcome.ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(outcome));
        (await db.UnfilledAsync()).ShouldBe(0);
        db.EventsOf<RunEvent.Note>()
            .ShouldContain(note =>
                note.Message.StartsWith(
                    $"127.0.0.1:{standby.Port} is named as a replica, but is the server that Segue writes to"
                )
            );
    }
}

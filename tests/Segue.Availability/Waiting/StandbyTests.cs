using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Waiting;

/// <summary>A strong lock is replayed on standbys, where it meets readers the primary cannot see.</summary>
[Collection(QuietMachine.Name)]
public class StandbyTests(ITestOutputHelper output)
{
    [Theory, PostgresVersions(15)]
    public async Task A_reader_on_a_standby_is_waited_for_without_queueing(int major)
    {
        PostgresServer primary = await Postgres.ServerAsync(major);
        await using TestDatabase db = await Postgres.DatabaseAsync(primary);
        await db.CreateOrdersAsync(2000);

        // No row versions vacuumed away, only a lock, can end a reader there.
        await using PostgresServer standby = await primary.CreateStandbyAsync(new Dictionary<string, string> { ["max_standby_streaming_delay"] = "1s", ["hot_standby_feedback"] = "on", ["wal_receiver_status_interval"] = "1s" });
        string onStandby = standby.ConnectionString(db.Name);
        db.EngineSettings = db.EngineSettings with { Standbys = [onStandby] };
        await using Session reader = await Session.InTransactionAsync(onStandby, "dashboard", "SELECT count(*) FROM orders");
        await using TrafficRun atPrimary = await Bystanders.OfAsync(db.ConnectionString, writing: false);
        await using TrafficRun atStandby = await Bystanders.OfAsync(onStandby, writing: false);

        await Until.TrueAsync(() => reader.IsOlderThanAsync(TimeSpan.FromMilliseconds(300)), "the reader is seen to stay");
        Task<RunOutcome> applying = db.ApplyAsync(Tables.Note);
        await Until.TrueAsync(() => db.EventsOf<RunEvent.Blocked>().Count > 4, "Segue waits", applying);

        db.EventsOf<RunEvent.Blocked>()[^1].Blockers.ShouldHaveSingleItem().ToString()
            .ShouldStartWith($"\"public\".\"orders\" is held by pid {reader.Pid} on standby 127.0.0.1:{standby.Port} (dashboard, user postgres, idle in transaction");
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
        db.EngineSettings = db.EngineSettings with { Standbys = ["Host=127.0.0.1;Port=1;Username=postgres;Database=nowhere"] };
        db.Options = db.Options with { Reconnect = TimeSpan.FromSeconds(1) };

        RunOutcome outcome = await db.ApplyAsync(Tables.Note);

        outcome.ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("127.0.0.1:1");
        (await db.HasColumnAsync("memo")).ShouldBeFalse();
    }
}

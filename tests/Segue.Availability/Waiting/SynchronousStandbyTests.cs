using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Waiting;

/// <summary>A commit that waits for a standby keeps its locks: Segue waits afterwards, with nothing held.</summary>
public class SynchronousStandbyTests(ITestOutputHelper output)
{
    [Theory, PostgresVersions(14, 18)]
    public async Task A_standby_that_replays_late_blocks_no_app_and_is_reported_until_it_confirms(int major)
    {
        await using PostgresServer primary = await PrimaryAsync(major);
        await using TestDatabase db = await OrdersAsync(primary);
        await using PostgresServer standby = await primary.CreateStandbyAsync(
            new Dictionary<string, string> { ["max_standby_streaming_delay"] = "-1" }
        );
        await using Session reader = await Session.InTransactionAsync(
            standby.ConnectionString(db.Name),
            "dashboard",
            "SELECT count(*) FROM orders"
        );
        await DemandAsync(primary, $"standby_{standby.Port}", "remote_apply");

        // Replay waits for the reader, and every app that writes waits for replay; those that read must not notice.
        await using TrafficRun reading = await Bystanders.OfAsync(db.ConnectionString, writing: false);
        Task<RunOutcome> applying = db.ApplyAsync(Tables.Note);
        string reason = await ReportedAsync(db, applying);

        reason.ShouldContain("synchronous standbys have replayed it");
        reason.ShouldContain($"standby_{standby.Port} is streaming");
        (await db.HasColumnAsync("memo")).ShouldBeTrue("it is committed on the primary");
        applying.IsCompleted.ShouldBeFalse("no success is reported before the standby has confirmed it");
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'")).ShouldBe(0);
        await reader.ExecuteAsync("COMMIT");
        (await applying).ShouldBeCompleted();
        (await db.FindAsync())!.ThrottleReason.ShouldBeNull();
        output.WriteLine($"primary {await reading.ShouldHaveNoticedNothingAsync()}");

        // Dropping the database would wait for the standby, which is gone by then.
        await DemandAsync(primary, "", "on");
    }

    [Theory, PostgresVersions(15, 17)]
    public async Task An_interrupt_is_obeyed_while_a_standby_is_missing_and_the_next_apply_resumes(int major)
    {
        await using PostgresServer primary = await PrimaryAsync(major);
        await using TestDatabase db = await OrdersAsync(primary);
        await DemandAsync(primary, "nobody", "on");
        using CancellationTokenSource interrupt = new();

        Task<RunOutcome> applying = db.ApplyAsync(Tables.Currency, cancel: interrupt.Token);
        (await ReportedAsync(db, applying)).ShouldContain(
            "(synchronous_standby_names = 'nobody'): none of them is connected"
        );
        await interrupt.CancelAsync();

        (await applying).ShouldBeOfType<RunOutcome.Interrupted>(Outcomes.Words(await applying));
        (await db.HasColumnAsync("currency")).ShouldBeTrue();
        await DemandAsync(primary, "", "on");
        (await db.ApplyAsync(Tables.Currency)).ShouldWaitAtGate();
        (await db.UnfilledAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(18)]
    public async Task A_change_that_an_earlier_run_ended_is_reported_as_completed_once_standbys_confirm_it(int major)
    {
        await using PostgresServer primary = await PrimaryAsync(major);
        await using TestDatabase db = await OrdersAsync(primary);
        (await db.ApplyAsync(Tables.Note)).ShouldBeCompleted();
        await DemandAsync(primary, "nobody", "on");

        Task<RunOutcome> again = db.ApplyAsync(Tables.Note);

        (await ReportedAsync(db, again)).ShouldContain("none of them is connected");
        again.IsCompleted.ShouldBeFalse();
        await DemandAsync(primary, "", "on");
        (await again).ShouldBeCompleted();
    }

    private static async Task<PostgresServer> PrimaryAsync(int major) =>
        await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                Settings = new Dictionary<string, string> { ["fsync"] = "off", ["wal_level"] = "logical" },
            }
        );

    private static async Task<TestDatabase> OrdersAsync(PostgresServer primary)
    {
        TestDatabase db = await Postgres.DatabaseAsync(primary);
        await db.CreateOrdersAsync(2000);
        return db;
    }

    private static async Task DemandAsync(PostgresServer primary, string standby, string commit)
    {
        await primary.ExecuteAsync($"ALTER SYSTEM SET synchronous_commit = {commit}");
        await primary.ExecuteAsync($"ALTER SYSTEM SET synchronous_standby_names = '{standby}'");
        await primary.ExecuteAsync("SELECT pg_reload_conf()");
        await using Session asking = await Session.OpenAsync(primary.ConnectionString(), "asking");
        await Until.TrueAsync(
            async () => await asking.ScalarAsync<string>("SHOW synchronous_standby_names") == standby,
            "the server has read its settings"
        );
    }

    private static async Task<string> ReportedAsync(TestDatabase db, Task<RunOutcome> applying)
    {
        await Until.TrueAsync(
            () => db.EventsOf<RunEvent.Throttled>().Any(waiting => waiting.Reason is not null),
            "it is reported what is waited for",
            applying
        );
        await Until.TrueAsync(
            async () => (await db.FindAsync())!.ThrottleReason is not null,
            "the ledger has it",
            applying
        );
        return (await db.FindAsync())!.ThrottleReason!;
    }
}

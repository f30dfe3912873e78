using Segue.Availability.Support;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Ledger;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Waiting;

/// <summary>A strong lock that cannot be had at once is not queued for: nobody waits behind it.</summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class LockQueueTests(ITestOutputHelper output)
{
    private const string Read = "SELECT count(*) FROM orders";

    [Theory, PostgresVersions(15)]
    public async Task A_long_reader_is_waited_for_without_queueing_and_is_named(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(2000);
        db.Options = db.Options with { LockWait = TimeSpan.FromSeconds(3) };
        await using Session reader = await Session.InTransactionAsync(db.ConnectionString, "report-job", Read);
        await using TrafficRun bystanders = await Bystanders.OfAsync(db.ConnectionString);

        // Bounded attempts that end with the blocker's name, and a bystander's view of them.
        await Until.TrueAsync(
            () => reader.IsOlderThanAsync(TimeSpan.FromMilliseconds(300)),
            "the reader is seen to stay"
        );
        Task<RunOutcome> applying = db.ApplyAsync(Tables.Note);
        (await QueuedAsync(db, applying)).ShouldBeEmpty();

        RunOutcome outcome = await applying;
        Blocker blocker = outcome.ShouldBeOfType<RunOutcome.LockNotObtained>().Blockers.ShouldHaveSingleItem();
        (blocker.Session, blocker.Application, blocker.State).ShouldBe(
            ($"pid {reader.Pid}", "report-job", "idle in transaction")
        );
        blocker.Query!.ShouldStartWith("SELECT");
        blocker.Remedy.ShouldBe($"SELECT pg_terminate_backend({reader.Pid})");
        (await db.HasColumnAsync("memo")).ShouldBeFalse();
        ChangeRecord record = (await db.FindAsync())!;
        record.Status.ShouldBe(ChangeStatus.Failed);
        record.Error!.ShouldContain("report-job");
        output.WriteLine($"max {await bystanders.ShouldHaveNoticedNothingAsync()}");

        await reader.ExecuteAsync("COMMIT");
        (await db.ApplyAsync(Tables.Note)).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(15, 17)]
    public async Task A_reader_that_arrives_after_the_check_for_readers_delays_others_by_at_most_one_lock_timeout(
        int major
    )
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(2000);
        await using TrafficRun bystanders = await Bystanders.OfAsync(db.ConnectionString);
        await using Session reader = await Session.OpenAsync(db.ConnectionString, "report-job");
        bool reads = false;
        db.Happened = happened =>
        {
            if (happened is RunEvent.StepStarted && !reads)
            {
                // Too young to be seen as a long transaction, and then it stays.
                reads = true;
                reader.Execute("BEGIN");
                reader.Execute(Read);
            }
        };

        Task<RunOutcome> applying = db.ApplyAsync(Tables.Note);
        await Until.TrueAsync(
            () =>
                db.EventsOf<RunEvent.Blocked>()
                    .Count(blocked => blocked.Blockers.Any(blocker => blocker.Session == $"pid {reader.Pid}")) > 2,
            "Segue waits for the reader",
            applying
        );
        await reader.ExecuteAsync("COMMIT");

        (await applying).ShouldBeCompleted();
        output.WriteLine(await bystanders.ShouldHaveNoticedNothingAsync());
    }

    [Theory, PostgresVersions(17)]
    public async Task Overlapping_transactions_do_not_block_the_change_forever(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(2000);

        // Each is over within a lock timeout, and at any moment a few are old enough to be taken for long ones.
        TrafficClient overlapping = new(
            "overlap",
            130,
            async (connection, random, cancel) =>
            {
                await using Npgsql.NpgsqlCommand command = new(
                    "SELECT pg_sleep(0.18) FROM orders WHERE id = 7",
                    connection
                );
                await command.ExecuteNonQueryAsync(cancel);
            }
        )
        {
            Connections = 24,
        };
        await using TrafficRun traffic = await TrafficRun.StartAsync([
            new TrafficApp("overlapping", db.ConnectionString, [overlapping]),
        ]);
        await Until.TrueAsync(() => traffic.Summary().Requests > 10, "the traffic flows");

        (await db.ApplyAsync(Tables.Note)).ShouldBeCompleted();

        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        output.WriteLine($"{traffic.Summary()}, {db.EventsOf<RunEvent.Blocked>().Count} times blocked");
    }

    [Theory, PostgresVersions(16)]
    public async Task A_blocking_prepared_transaction_is_named_with_the_statement_that_ends_it(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(100);
        db.Options = db.Options with { LockWait = TimeSpan.FromSeconds(1) };
        await using (
            Session other = await Session.InTransactionAsync(
                db.ConnectionString,
                "xa",
                "UPDATE orders SET note = '' WHERE id = 1"
            )
        )
        {
            await other.ExecuteAsync("PREPARE TRANSACTION 'left behind'");
        }

        RunOutcome outcome = await db.ApplyAsync(Tables.Note);
        await db.ExecuteAsync("ROLLBACK PREPARED 'left behind'");

        outcome
            .ShouldBeOfType<RunOutcome.LockNotObtained>()
            .Blockers.ShouldHaveSingleItem()
            .Remedy.ShouldBe("ROLLBACK PREPARED 'left behind'");
        (await db.ApplyAsync(Tables.Note)).ShouldBeCompleted();
    }

    /// <summary>Who was seen to queue for a lock on the table before the run ended.</summary>
    private static async Task<IReadOnlyCollection<string>> QueuedAsync(TestDatabase db, Task run)
    {
        HashSet<string> queued = [];
        while (!run.IsCompleted)
        {
            queued.UnionWith(
                await db.ColumnAsync(
                    "SELECT pid || ' ' || mode FROM pg_locks WHERE relation = 'orders'::regclass AND NOT granted"
                )
            );
            await Task.Delay(10);
        }

        return queued;
    }
}

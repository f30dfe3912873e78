using Segue.Availability.Support;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Waiting;

/// <summary>
/// The hold budget counts from the first strong lock to the commit, whatever the transaction does in between.
/// </summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class HoldTests(ITestOutputHelper output)
{
    private const int Others = 15;

    // Each lock within its own timeout, and all of them together for longer than the first may be held.
    [Theory, PostgresVersions(15)]
    public async Task Waiting_for_further_locks_counts_as_holding_the_first(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();
        await db.ExecuteAsync(string.Concat(Enumerable.Range(0, Others).Select(n => $"CREATE TABLE other{n} ();")));
        DdlCall call = await CallAsync(
            db,
            engine,
            step =>
                step with
                {
                    Locks =
                    [
                        step.Locks[0],
                        .. Enumerable.Range(0, Others).Select(n => $"LOCK TABLE other{n} IN ACCESS EXCLUSIVE MODE"),
                    ],
                    Statements = [],
                }
        );
        await using Session holder = await Session.InTransactionAsync(
            db.ConnectionString,
            "holder",
            [
                .. Enumerable
                    .Range(0, Others)
                    .Reverse()
                    .SelectMany(n => new[] { $"SAVEPOINT before{n}", $"LOCK TABLE other{n}" }),
            ]
        );

        Task<DdlAttempt> trying = engine.Execution.Ddl.TryAsync(call, CancellationToken.None);
        for (int n = 0; n < Others && !trying.IsCompleted; n++)
        {
            // Each one well within its timeout.
            await holder.ExecuteAsync("SELECT pg_sleep(0.06)");
            await holder.ExecuteAsync($"ROLLBACK TO before{n}");
        }

        DdlAttempt attempt = await trying;

        attempt.ShouldBeOfType<DdlAttempt.OverBudget>();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_partitioned_table_is_locked_parent_first_and_the_wait_for_partitions_counts(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at); CREATE TABLE "
                + "events_1 PARTITION OF events DEFAULT; INSERT INTO events SELECT n, '2026-01-01' FROM "
                + "generate_series(1, 5000) n"
        );

        Plan plan = await db.PlannedAsync(
            "operations:\n  - add_column: { table: events, name: kind, type: text, nullable: false, "
                + "backfill: \"'a'\", index: true }"
        );

        foreach (DdlStep step in plan.Steps().OfType<DdlStep>().Where(step => step.Locks.Count > 1))
        {
            step.Locks[0].ShouldStartWith("LOCK TABLE ONLY \"public\".\"events\" IN");
        }

        plan.Steps()
            .OfType<DdlStep>()
            .First()
            .Locks.ShouldBe([
                "LOCK TABLE ONLY \"public\".\"events\" IN ACCESS EXCLUSIVE MODE",
                "LOCK TABLE \"public\".\"events\" IN ACCESS EXCLUSIVE MODE",
            ]);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_locked_partition_delays_users_of_other_partitions_by_at_most_a_lock_timeout(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id bigint PRIMARY KEY, note text) PARTITION BY RANGE (id);
            CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (1) TO (2000);
            CREATE TABLE orders_2 PARTITION OF orders FOR VALUES FROM (2000) TO (4000);
            CREATE TABLE orders_3 PARTITION OF orders FOR VALUES FROM (4000) TO (6000);
            INSERT INTO orders SELECT n FROM generate_series(1, 5999) n;
            ANALYZE orders
            """
        );
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
                reader.Execute("SELECT count(*) FROM orders_3");
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

    private static async Task<DdlCall> CallAsync(TestDatabase db, PostgresEngine engine, Func<DdlStep, DdlStep> with)
    {
        await db.CreateOrdersAsync(2000);
        (await db.ApplyAsync(Tables.Currency, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        Plan plan = PlanJson.Parse(await engine.Records.Ledger.PlanAsync("0001_test", CancellationToken.None));
        DdlStep step = with(plan.Steps().OfType<DdlStep>().First());
        Lease lease = (
            await engine.Records.Leases.TryAcquireAsync("test", TimeSpan.FromMinutes(1), CancellationToken.None)
        ).Lease!;
        return new DdlCall(plan, step, lease, step.Id, StepState.Done);
    }
}

using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What is special about partitions that come and go.</summary>
[Trait("kind", "attach_partition")]
[Trait("kind", "detach_partition")]
public class PartitionKindTests
{
    private const string Events = """
        CREATE TABLE events (id int NOT NULL, code text) PARTITION BY RANGE (id);
        CREATE INDEX events_code ON events (code);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (1000);
        CREATE TABLE fresh (id int NOT NULL, code text);
        INSERT INTO events SELECT n, 'USD' FROM generate_series(1, 999) n;
        INSERT INTO fresh SELECT n, 'EUR' FROM generate_series(5000, 5999) n;

        """;

    private const string Attach =
        "operations:\n  - attach_partition: { table: events, partition: fresh, values: FROM (5000) TO (6000) }";

    private const string Detach = "operations:\n  - detach_partition: { table: events, partition: events_1 }";

    /// <summary>
    /// No row is read and no index is built while anybody waits; the server itself says why it need not.
    /// </summary>
    [Theory, PostgresVersions]
    public async Task The_server_attaches_without_reading_a_row_or_building_an_index(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Events
                + "CREATE TABLE currencies (code text PRIMARY KEY); INSERT INTO currencies VALUES ('USD'), "
                + "('EUR'); ALTER TABLE events ADD FOREIGN KEY (code) REFERENCES currencies; CREATE TABLE "
                + "events_d PARTITION OF events DEFAULT; INSERT INTO events VALUES (9999, 'USD')"
        );
        Step[] steps = [.. (await db.PlannedAsync(Attach)).Steps().Where(step => step is DdlStep or OnlineStep)];
        foreach (
            string statement in steps
                .SkipLast(1)
                .SelectMany(step => step is DdlStep ddl ? ddl.Statements : [((OnlineStep)step).Statement])
        )
        {
            await db.ExecuteAsync(statement);
        }

        List<string> told = [];
        await using NpgsqlConnection connection = await db.OpenAsync();
        connection.Notice += (_, notice) => told.Add(notice.Notice.MessageText);
        await using NpgsqlCommand command = new(
            $"SET client_min_messages = debug1; {string.Join("; ", ((DdlStep)steps[^1]).Statements)}",
            connection
        );
        await command.ExecuteNonQueryAsync();

        told.ShouldContain("partition constraint for table \"fresh\" is implied by existing constraints");
        told.ShouldContain(
            "updated partition constraint for default partition \"events_d\" is implied by existing constraints"
        );
        told.Where(line => line.Contains("verifying") || line.Contains("building") || line.Contains("validating"))
            .ShouldBeEmpty();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_row_outside_the_bound_is_named_before_anything_changes(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Events
                + "CREATE TABLE events_d PARTITION OF events DEFAULT; INSERT INTO events VALUES (5500, 'x'); "
                + "ALTER TABLE fresh ADD PRIMARY KEY (id); INSERT INTO fresh VALUES (6000, 'y')"
        );

        string told = (await db.ApplyAsync(Attach)).ShouldBeOfType<RunOutcome.Failed>().Message;
        told.ShouldContain(
            "fresh has only rows that are allowed next to a partition FOR VALUES FROM (5000) TO (6000): 1 of "
                + "1,001 rows of \"public\".\"fresh\" violate this, e.g. id=6000."
        );
        await db.ExecuteAsync("DELETE FROM fresh WHERE id = 6000");
        (await db.ApplyAsync(Attach))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("events_d has only rows that are allowed");
        await db.ExecuteAsync("DELETE FROM events WHERE id = 5500");
        (await db.ApplyAsync(Attach)).ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM events")).ShouldBe(1999);
    }

    /// <summary>A reader of the root that never goes away keeps the server from ending what it began.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task An_interrupted_detachment_is_finished(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Events);
        (await db.ApplyAsync(Detach)).ShouldWaitAtGate();
        await using NpgsqlConnection reader = await db.OpenAsync();
        await using NpgsqlTransaction reading = await reader.BeginTransactionAsync();
        await using NpgsqlCommand hold = new("LOCK TABLE ONLY events IN ACCESS SHARE MODE", reader);
        await hold.ExecuteNonQueryAsync();
        db.Options = db.Options with { OnlineDeadline = TimeSpan.FromSeconds(2) };

        (await db.CompleteAsync()).ShouldBeCompleted();

        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_inherits WHERE inhrelid = 'events_1'::regclass")).ShouldBe(
            0
        );
        (await db.ScalarAsync<long>("SELECT count(*) FROM events_1")).ShouldBe(999);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_half_done_detachment_cannot_be_rolled_back_and_is_finished_by_complete(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Events);
        (await db.ApplyAsync(Detach)).ShouldWaitAtGate();
        await DetachHalfAsync(db);
        await db.ExecuteAsync("UPDATE segue.step SET state = 'running' WHERE id LIKE 'contract/%'");

        (await db.RollbackAsync())
            .ShouldBeOfType<RunOutcome.Refused>()
            .Problems.ShouldHaveSingleItem()
            .What.ShouldContain("it is past its contract stage");
        (await db.CompleteAsync()).ShouldBeCompleted();

        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_inherits WHERE inhrelid = 'events_1'::regclass")).ShouldBe(
            0
        );
    }

    [Theory, PostgresVersions(15)]
    public async Task A_partition_attached_meanwhile_is_not_scanned_under_a_lock(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Events);
        db.Happened = happened =>
        {
            if (
                happened is RunEvent.StepStarted { Step.Id: var id }
                && id.StartsWith("enforce/attach/", StringComparison.Ordinal)
            )
            {
                db.ExecuteAsync("CREATE TABLE IF NOT EXISTS late PARTITION OF events FOR VALUES FROM (5500) TO (5600)")
                    .GetAwaiter()
                    .GetResult();
            }
        };

        (await db.ApplyAsync(Attach))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("partition \"fresh\" would overlap partition \"late\"");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (
            await db.ColumnAsync(
                "SELECT conname::text FROM pg_constraint WHERE conrelid = 'fresh'::regclass AND contype = 'c'"
            )
        ).ShouldBeEmpty();
    }

    /// <summary>It waits for who reads the partition by its own name, so that it can be looked at.</summary>
    [Theory, PostgresVersions]
    public async Task A_concurrent_detachment_takes_the_locks_that_are_stated(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Events);
        OnlineStep step = (await db.PlannedAsync(Detach)).Steps().OfType<OnlineStep>().ShouldHaveSingleItem();
        await using NpgsqlConnection reader = await db.OpenAsync();
        await using NpgsqlTransaction reading = await reader.BeginTransactionAsync();
        await using NpgsqlCommand read = new("SELECT count(*) FROM events_1", reader);
        await read.ExecuteScalarAsync();
        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlCommand detach = new(step.Statement, connection);
        Task detaching = detach.ExecuteNonQueryAsync();
        string locks =
            $"FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.pid = {connection.ProcessID} "
            + "AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')";
        await Eventually.TrueAsync(
            "it waits for the partition",
            () => db.ScalarAsync<bool>($"SELECT EXISTS (SELECT {locks} AND NOT l.granted)")
        );

        (await db.ColumnAsync($"SELECT format('\"public\".%I %s', c.relname, l.mode) {locks} ORDER BY 1")).ShouldBe([
            "\"public\".events ShareUpdateExclusiveLock",
            "\"public\".events_1 AccessExclusiveLock",
        ]);
        step.Impact.Locks.Select(held => $"{held.Relation} {held.Mode}")
            .ShouldBe(["\"public\".\"events\" SHARE UPDATE EXCLUSIVE", "\"public\".\"events_1\" ACCESS EXCLUSIVE"]);
        await reading.RollbackAsync();
        await detaching;
    }

    private static async Task DetachHalfAsync(TestDatabase db)
    {
        await using NpgsqlConnection reader = await db.OpenAsync();
        await using NpgsqlTransaction reading = await reader.BeginTransactionAsync();
        await using NpgsqlCommand hold = new("LOCK TABLE ONLY events IN ACCESS SHARE MODE", reader);
        await hold.ExecuteNonQueryAsync();
        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlCommand limit = new("SET lock_timeout = '200ms'", connection);
        await limit.ExecuteNonQueryAsync();
        await using NpgsqlCommand detach = new("ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY", connection);
        (await Should.ThrowAsync<PostgresException>(() => detach.ExecuteNonQueryAsync())).SqlState.ShouldBe(
            PostgresErrorCodes.LockNotAvailable
        );
        (
            await db.ScalarAsync<bool>("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'events_1'::regclass")
        ).ShouldBeTrue();
    }
}

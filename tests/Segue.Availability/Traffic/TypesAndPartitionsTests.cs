using Segue.Availability.Support;
using Segue.Lab.Traffic;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>
/// Apps at work on partitioned tables whose partitions come and go, on what their foreign keys reference, and on
/// columns of types that change.
/// </summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class TypesAndPartitionsTests(ITestOutputHelper output)
{
    private const string Tables = """
        CREATE TYPE status AS ENUM ('open', 'paid'); CREATE DOMAIN price AS int CONSTRAINT sane CHECK (VALUE >= 0);
        CREATE TABLE currencies (id int PRIMARY KEY, note text);
        INSERT INTO currencies SELECT n FROM generate_series(1, 1000) n;
        CREATE TABLE events (id int NOT NULL, note text, currency int REFERENCES currencies, price price,
            status status DEFAULT 'open', PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE INDEX events_currency ON events (currency);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (1001);
        CREATE TABLE events_0 PARTITION OF events FOR VALUES FROM (-1000) TO (0);
        CREATE TABLE events_d PARTITION OF events DEFAULT;
        INSERT INTO events SELECT n, 'x', 1 + abs(n) % 1000, abs(n) FROM generate_series(-999, 1000) n;
        INSERT INTO events SELECT n, 'x', 1 + n % 1000, n FROM generate_series(100000, 130000) n;
        CREATE TABLE fresh (id int NOT NULL, note text, currency int, price price, status status DEFAULT 'open');
        INSERT INTO fresh SELECT n, 'x', 1 + n % 1000, n FROM generate_series(2000, 40000) n;
        CREATE TABLE logs (id int NOT NULL, note text) PARTITION BY RANGE (id);
        CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (1001); CREATE TABLE logs_2 PARTITION OF logs FOR
            VALUES FROM (1001) TO (100000); CREATE INDEX ON logs (id);
        INSERT INTO logs SELECT n, 'x' FROM generate_series(1, 30000) n; ANALYZE;
        """;

    [Theory, PostgresVersions(17)]
    public async Task Attaching_detaching_and_type_changes_disturb_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Tables);
        await using TrafficRun events = await Bystanders.OfAsync(db.ConnectionString, "events");
        await using TrafficRun currencies = await Bystanders.OfAsync(db.ConnectionString, "currencies");
        await using TrafficRun logs = await Bystanders.OfAsync(db.ConnectionString, "logs");

        await db.MigrateAsync(
            """
            operations:
              - attach_partition: { table: events, partition: fresh, values: FROM (2000) TO (50000) }
              - set_options: { table: events_1, set: { fillfactor: 80, user_catalog_table: 'off' }, comment: The first }
            """
        );
        await db.MigrateAsync(
            """
            operations:
              - alter_domain: { domain: price, add_check: VALUE < 1000000, default: 0, drop_constraint: sane }
              - create_enum: { name: mood, labels: [sad, ok] }
              - add_enum_value: { type: status, value: refunded, before: paid }
              - detach_partition: { table: events, partition: events_0 }
              - detach_partition: { table: logs, partition: logs_2 }
            """,
            "0002_test"
        );

        output.WriteLine(await events.ShouldHaveNoticedNothingAsync());
        output.WriteLine(await currencies.ShouldHaveNoticedNothingAsync());
        output.WriteLine(await logs.ShouldHaveNoticedNothingAsync());
        (await db.ScalarAsync<long>("SELECT count(*) FROM events")).ShouldBe(1001 + 30001 + 38001);
        (await db.ScalarAsync<long>("SELECT count(*) FROM logs")).ShouldBe(1000);
    }

    /// <summary>
    /// A transaction that is open for long on the root and on what it references: nobody queues behind what waits for
    /// it.
    /// </summary>
    [Theory, PostgresVersions(15)]
    public async Task A_long_transaction_on_the_tables_makes_no_app_queue(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Tables
                + "ALTER TABLE fresh ADD PRIMARY KEY (id), ADD FOREIGN KEY (currency) REFERENCES currencies; "
                + "CREATE INDEX ON fresh (currency)"
        );
        await using Session holder = await Session.InTransactionAsync(
            db.ConnectionString,
            "long",
            "SELECT count(*) FROM events",
            "UPDATE currencies SET note = 'y' WHERE id = 1000",
            "SELECT count(*) FROM logs"
        );
        await using TrafficRun events = await Bystanders.OfAsync(db.ConnectionString, "events", 900);
        await using TrafficRun currencies = await Bystanders.OfAsync(db.ConnectionString, "currencies", 900);
        Task<Segue.Execution.RunOutcome> applying = db.ApplyAsync(
            "operations:\n  - attach_partition: { table: events, partition: fresh, values: FROM (2000) TO (50000) }"
        );
        await Until.TrueAsync(
            () => db.EventsOf<Segue.Running.RunEvent.Blocked>().Count > 2,
            "it was tried and put off",
            applying
        );

        await holder.ExecuteAsync("COMMIT");
        (await applying).ShouldBeCompleted();

        output.WriteLine(await events.ShouldHaveNoticedNothingAsync());
        output.WriteLine(await currencies.ShouldHaveNoticedNothingAsync());
    }
}

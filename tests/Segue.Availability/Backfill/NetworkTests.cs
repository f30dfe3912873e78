using Segue.Availability.Support;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Network;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>A slow network costs few round trips, and never a smaller batch. Counted, not timed.</summary>
public class NetworkTests
{
    [Theory, PostgresVersions(14, 18)]
    public async Task Batches_that_are_sent_together_cost_one_round_trip_and_are_transactions_of_their_own(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using NetworkProxy network = new(db.ConnectionString);
        await using PostgresEngine engine = new(network.ConnectionString);
        Batch all = await BatchToFill.PreparedAsync(db, engine);
        Batch[] batches =
        [
            .. ((BlockRange)all.Range).Split(10).Take(10).Select(range => all with { Range = range, Workers = 1 }),
        ];
        await engine.Execution.Batches.FillAsync([batches[0]], CancellationToken.None);

        long before = network.RoundTrips;
        BatchResults results = await engine.Execution.Batches.FillAsync(batches, CancellationToken.None);

        // A long message may arrive in two parts.
        (network.RoundTrips - before).ShouldBeInRange(1, 2);
        results.Results.Count.ShouldBe(10);
        results.Results.ShouldAllBe(result => result is BatchResult.Filled);
        (
            await db.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM orders WHERE currency IS NOT NULL")
        ).ShouldBe(10);
        (await engine.Execution.Batches.CursorAsync(all.Key, CancellationToken.None))!.Rows.ShouldBe(
            await db.ScalarAsync<long>("SELECT count(currency) FROM orders")
        );
    }

    [Theory, PostgresVersions(15)]
    public async Task A_table_is_filled_in_few_round_trips_over_a_slow_network(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(40_000);
        await db.ExpandAsync(Tables.Currency);
        await using NetworkProxy network = new(db.ConnectionString, TimeSpan.FromMilliseconds(80));
        await using TestDatabase far = new(db.Server, "none", network.ConnectionString) { Planning = db.Planning };

        (await far.ApplyAsync(Tables.Currency, StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        // Sized by what the client sees of the time they came down to a block each: thousands.
        network.RoundTrips.ShouldBeLessThan(400);
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(18)]
    public async Task A_lock_is_not_held_while_the_network_carries_messages(int major)
    {
        TimeSpan roundTrip = TimeSpan.FromMilliseconds(400);
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(100);
        await using NetworkProxy network = new(db.ConnectionString, roundTrip);
        await using TestDatabase far = new(db.Server, "none", network.ConnectionString) { Planning = db.Planning };

        (await far.ApplyAsync(Tables.Currency, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        (
            await db.ScalarAsync<long>("SELECT count(*) FROM segue.step WHERE lock_hold_ms IS NOT NULL")
        ).ShouldBePositive();
        (await db.ScalarAsync<double>("SELECT max(lock_hold_ms)::float8 FROM segue.step")).ShouldBeLessThan(
            roundTrip.TotalMilliseconds
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Deferred_triggers_count_towards_the_time_of_the_batch(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = new(db.ConnectionString);
        Batch all = await BatchToFill.PreparedAsync(db, engine);
        await db.ExecuteAsync(
            """
            CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER dawdle AFTER UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION dawdle();
            """
        );
        Batch few = all with { Range = ((BlockRange)all.Range).Split(10).First(), Workers = 1 };

        BatchResults results = await engine.Execution.Batches.FillAsync([few], CancellationToken.None);

        BatchResult.Filled filled = results.Results.Single().ShouldBeOfType<BatchResult.Filled>();
        filled.Rows.ShouldBePositive();
        filled.Took.ShouldBeGreaterThanOrEqualTo(filled.Rows * TimeSpan.FromMilliseconds(10));
    }
}

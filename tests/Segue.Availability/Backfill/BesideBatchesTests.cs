using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Planning;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Backfill;

/// <summary>Nobody waits long for a batch.</summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class BesideBatchesTests(ITestOutputHelper output)
{
    [Theory, PostgresVersions(17)]
    public async Task Apps_do_not_wait_for_rows_beside_a_locked_row(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(60_000);
        await db.ExpandAsync(Tables.Currency);
        await using Session clerk = await Session.InTransactionAsync(
            db.ConnectionString,
            "clerk",
            "SELECT FROM orders WHERE id % 3000 = 0 FOR UPDATE"
        );
        TrafficClient neighbours = new(
            "update neighbour",
            80,
            async (connection, random, cancel) =>
            {
                await using Npgsql.NpgsqlCommand command = new(
                    $"UPDATE orders SET note = 'n' WHERE id = {(1 + random.Next(20)) * 3000 - 1 - random.Next(60)}",
                    connection
                );
                await command.ExecuteNonQueryAsync(cancel);
            }
        );
        await using TrafficRun app = await TrafficRun.StartAsync([
            new TrafficApp("bystander", db.ConnectionString, [neighbours]),
            Bystanders.Control(db.ConnectionString),
        ]);

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        await Until.TrueAsync(
            () => db.EventsOf<RunEvent.Throttled>().Count(held => held.Reason?.Contains("clerk") == true) > 2,
            "Segue waits for the rows",
            filling
        );
        await clerk.ExecuteAsync("COMMIT");
        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));

        output.WriteLine(await app.ShouldHaveNoticedNothingAsync());
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    // Adapts from the first batch on, and by itself.
    [Theory, PostgresVersions(17)]
    public async Task An_expensive_expression_makes_the_first_batch_smaller(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(1000);
        await db.ExecuteAsync(
            "CREATE FUNCTION slowly(region text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM "
                + "pg_sleep(0.002); RETURN CASE region WHEN 'eu' THEN 'EUR' WHEN 'uk' THEN 'GBP' ELSE 'USD' "
                + "END; END $$"
        );
        await using TrafficRun bystanders = await Bystanders.OfAsync(db.ConnectionString);

        (
            await db.ApplyAsync(
                Tables.Currency.Replace(
                    "CASE region WHEN 'eu' THEN 'EUR' WHEN 'uk' THEN 'GBP' ELSE 'USD' END",
                    "slowly(region)"
                ),
                StageName.Backfill
            )
        ).ShouldBeOfType<RunOutcome.StoppedAfter>();

        output.WriteLine(await bystanders.ShouldHaveNoticedNothingAsync());
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }
}

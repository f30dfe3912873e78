using Segue.Availability.Support;
using Segue.Execution;
using Segue.Planning;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>Rows that apps hold are skipped, remembered and filled once they are free.</summary>
public class LockedRowsTests
{
    // SKIP LOCKED and "no rows left to do" reported done with these rows unfilled.
    [Theory, PostgresVersions(15, 17)]
    public async Task Rows_locked_for_update_are_remembered_and_filled_after_their_release(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(20_000);
        await db.ExpandAsync(Tables.Currency);
        await using Session clerk = await Session.InTransactionAsync(
            db.ConnectionString,
            "clerk",
            "SELECT FROM orders WHERE id IN (7, 9000, 19000) FOR UPDATE"
        );

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        await Until.TrueAsync(
            () => db.EventsOf<RunEvent.Throttled>().Count(held => held.Reason?.Contains("clerk") == true) > 2,
            "Segue waits for the rows",
            filling
        );

        (await db.UnfilledAsync()).ShouldBe(3);
        await clerk.ExecuteAsync("COMMIT");
        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    // A child's foreign key check holds its parent's row.
    [Theory, PostgresVersions(15)]
    public async Task A_row_referenced_by_an_open_transaction_is_filled(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(5000);
        await db.ExpandAsync(Tables.Currency);
        await using Session child = await Session.InTransactionAsync(
            db.ConnectionString,
            "items",
            "INSERT INTO items (order_id) VALUES (7), (4000)"
        );

        (await db.ApplyAsync(Tables.Currency, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        (await db.WrongCurrenciesAsync()).ShouldBe(0);
        await child.ExecuteAsync("COMMIT");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_locked_table_pauses_the_backfill_until_it_is_released(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(20_000);
        await db.ExpandAsync(Tables.Currency);
        await using Session maintenance = await Session.InTransactionAsync(
            db.ConnectionString,
            "maintenance",
            "LOCK TABLE orders IN EXCLUSIVE MODE"
        );

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        await Until.TrueAsync(
            () =>
                db.EventsOf<RunEvent.Throttled>()
                    .Count(held =>
                        held.Reason?.Contains("is locked as a whole by pid") == true
                        && held.Reason.Contains("maintenance")
                    ) > 5,
            "Segue waits for the table",
            filling
        );
        await maintenance.ExecuteAsync("COMMIT");

        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task Rows_of_a_prepared_transaction_are_waited_for_by_its_name(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(20_000);
        await db.ExpandAsync(Tables.Currency);
        string name = $"left behind {db.Name}";
        await using Session clerk = await Session.InTransactionAsync(
            db.ConnectionString,
            "clerk",
            "UPDATE orders SET note = 'p' WHERE id = 9000",
            $"PREPARE TRANSACTION '{name}'"
        );

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        await Until.TrueAsync(
            () =>
                db.EventsOf<RunEvent.Throttled>()
                    .Count(held => held.Reason?.Contains($"the prepared transaction '{name}'") == true) > 6,
            "Segue waits for the row",
            filling
        );

        (await db.UnfilledAsync()).ShouldBe(1);
        await clerk.ExecuteAsync($"COMMIT PREPARED '{name}'");
        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_row_elsewhere_that_a_trigger_of_the_table_writes_is_waited_for(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(500);
        await db.ExecuteAsync(
            """
            CREATE TABLE counter (n bigint); INSERT INTO counter VALUES (0);
            CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE counter SET n = n + 1;
                RETURN NULL; END $$;
            CREATE TRIGGER counted AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION counted();
            """
        );
        await db.ExpandAsync(Tables.Currency);
        await using Session clerk = await Session.InTransactionAsync(
            db.ConnectionString,
            "clerk",
            "UPDATE counter SET n = n + 1"
        );

        Task<RunOutcome> filling = db.ApplyAsync(Tables.Currency, StageName.Verify);
        await Until.TrueAsync(
            () => db.EventsOf<RunEvent.Throttled>().Count(held => held.Reason is not null) > 8,
            "Segue waits for the row",
            filling
        );
        await clerk.ExecuteAsync("COMMIT");

        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
        (await db.ScalarAsync<long>("SELECT n FROM counter")).ShouldBe(501);
    }
}

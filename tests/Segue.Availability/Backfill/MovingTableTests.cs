using Segue.Availability.Support;
using Segue.Execution;
using Segue.Planning;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>What others do to the table while it is half filled.</summary>
public class MovingTableTests
{
    private const int Rows = 60_000;

    [Theory, PostgresVersions(15)]
    public async Task A_table_rewritten_during_the_backfill_is_scanned_again(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(Rows);
        await db.ExecuteAsync("DELETE FROM orders WHERE id % 10 = 1");
        Task<RunOutcome> filling = await db.PauseMidwayAsync(Tables.Currency);

        await db.ExecuteAsync("VACUUM FULL orders");
        await db.RequestPauseAsync(false);

        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        db.EventsOf<RunEvent.Note>().ShouldContain(note => note.Message.Contains("Another session rewrote"));
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(17)]
    public async Task A_table_clustered_during_the_backfill_is_scanned_again(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(Rows);
        Task<RunOutcome> filling = await db.PauseMidwayAsync(Tables.Currency);

        await db.ExecuteAsync("CREATE INDEX shuffled ON orders (hashint8(id))");
        await db.ExecuteAsync("CLUSTER orders USING shuffled");
        await db.RequestPauseAsync(false);

        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    // A value an app wrote is never written over. Writes ahead of and behind the scan, rows that
    // move across it.
    [Theory, PostgresVersions(14, 17)]
    public async Task Rows_updated_moved_inserted_and_deleted_on_both_sides_of_the_scan_are_right(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(Rows);
        Task<RunOutcome> filling = await db.PauseMidwayAsync(Tables.Currency);
        (await db.UnfilledAsync()).ShouldBeInRange(1, Rows - 1);

        // Growing rows leave their page; an indexed column keeps them from being heap-only; freed pages take rows to
        // where the scan has been.
        await db.ExecuteAsync("DELETE FROM orders WHERE id % 7 = 0");
        await db.ExecuteAsync("VACUUM orders");
        await db.ExecuteAsync("UPDATE orders SET amount = amount + 1, note = repeat('y', 300) WHERE id % 7 = 1");
        await db.ExecuteAsync("UPDATE orders SET id = DEFAULT WHERE id % 7 = 2");
        await db.ExecuteAsync("UPDATE orders SET currency = 'CHF' WHERE id % 7 = 3 AND note NOT LIKE 'y%'");
        await db.ExecuteAsync("UPDATE orders SET region = 'uk' WHERE currency IS NULL AND id % 7 = 4");
        await db.ExecuteAsync(
            "INSERT INTO orders (region, amount, note) SELECT 'eu', 0, 'old code' FROM generate_series(1, 3000)"
        );
        await db.ExecuteAsync(
            "INSERT INTO orders (region, amount, note, currency) SELECT 'eu', 0, 'new code', 'JPY' FROM "
                + "generate_series(1, 3000)"
        );
        await db.RequestPauseAsync(false);

        (await filling).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await filling));
        (await db.UnfilledAsync()).ShouldBe(0);
        (
            await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE note = 'new code' AND currency <> 'JPY'")
        ).ShouldBe(0);
        (
            await db.ScalarAsync<long>(
                """
                SELECT count(*) FROM orders WHERE note IS DISTINCT FROM 'new code' AND currency <> 'CHF'
                    AND currency <> (CASE region WHEN 'eu' THEN 'EUR' WHEN 'uk' THEN 'GBP' ELSE 'USD' END)
                  AND NOT (region = 'uk' AND id % 7 = 4)
                """
            )
        ).ShouldBe(0);
        (
            await db.ScalarAsync<long>(
                $"SELECT count(*) FROM orders WHERE id <= {Rows} AND id % 7 = 3 AND currency <> 'CHF'"
            )
        ).ShouldBe(0);
    }

    [Theory, PostgresVersions(16)]
    public async Task An_old_snapshot_reduces_the_fill_to_one_pass_and_names_its_holder(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(20_000);
        (await db.ApplyAsync(Tables.Currency, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await using Session report = await Session.InTransactionAsync(
            db.ConnectionString,
            "night-report",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SELECT 1"
        );
        await Until.TrueAsync(() => report.IsOlderThanAsync(TimeSpan.FromSeconds(5.5)), "the snapshot is old");

        (await db.ApplyAsync(Tables.Currency, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        db.EventsOf<RunEvent.Note>()
            .ShouldContain(note =>
                note.Message.Contains($"pid {report.Pid} (night-report")
                && note.Message.Contains("cannot be filled in place")
            );
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task An_idle_writer_of_another_table_that_holds_back_vacuum_is_named(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(20_000);
        await db.ExecuteAsync("CREATE TABLE audit (line text)");
        (await db.ApplyAsync(Tables.Currency, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await using Session forgotten = await Session.InTransactionAsync(
            db.ConnectionString,
            "forgotten",
            "INSERT INTO audit VALUES ('begun')"
        );

        // A transaction that has written keeps row versions by its own number, without a snapshot.
        await Until.TrueAsync(
            () =>
                db.ScalarAsync<bool>(
                    "SELECT backend_xid IS NOT NULL AND backend_xmin IS NULL AND clock_timestamp() - "
                        + $"xact_start > interval '5.5 s' FROM pg_stat_activity WHERE pid = {forgotten.Pid}"
                ),
            "the transaction is old"
        );
        (await db.ApplyAsync(Tables.Currency, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        db.EventsOf<RunEvent.Note>().ShouldContain(note => note.Message.Contains($"pid {forgotten.Pid} (forgotten"));
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }
}

using Segue.Availability.Support;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>On an idle server a batch is shared by two sessions; its cursor is never ahead of their rows.</summary>
public class WorkersTests
{
    [Theory, PostgresVersions(17)]
    public async Task Two_sessions_fill_a_batch_and_its_cursor_counts_the_rows_of_both(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();
        Batch batch = await BatchToFill.PreparedAsync(db, engine);

        BatchResult.Filled filled = (await FillAsync(engine, batch)).ShouldBeOfType<BatchResult.Filled>();

        filled.Rows.ShouldBe(20_000);
        (
            await db.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM orders WHERE currency IS NOT NULL")
        ).ShouldBe(2);
        (await engine.Execution.Batches.CursorAsync(batch.Key, CancellationToken.None))!.Rows.ShouldBe(20_000);
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    /// <summary>
    /// Both sessions count in one row of the ledger. Its holder may get no core for longer than row_lock_timeout (25
    /// ms).
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_batch_waits_for_the_count_of_the_other_session_longer_than_for_a_row_of_the_table(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();
        Batch batch = await BatchToFill.PreparedAsync(db, engine);
        await using Session other = await Session.InTransactionAsync(
            db.ConnectionString,
            "other",
            "SELECT FROM segue.backfill FOR UPDATE"
        );

        Task<BatchResult> filling = FillAsync(engine, batch);
        await other.ExecuteAsync(UntilSomebodyWaited(200) + "; COMMIT");

        (await filling).ShouldBeOfType<BatchResult.Filled>().Rows.ShouldBe(20_000);
    }

    /// <summary>
    /// The room that a pass leaves on a page is usable once no snapshot of the other session is older than that pass.
    /// </summary>
    [Theory, PostgresVersions(17)]
    public async Task Sessions_that_fill_in_passes_fill_other_pages_before_they_return_to_one(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();
        Batch batch = (await BatchToFill.PreparedAsync(db, engine)) with { Passes = 2, Pass = 1 };

        (await FillAsync(engine, batch)).ShouldBeOfType<BatchResult.Filled>().Rows.ShouldBe(20_000);

        (
            await db.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM orders WHERE currency IS NOT NULL")
        ).ShouldBe(6);
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    /// <summary>
    /// Rows that are mostly stored out of line are hundreds in a block, and all of a table's work may be in one.
    /// </summary>
    [Theory, PostgresVersions(17)]
    public async Task Two_sessions_share_the_rows_of_a_single_block(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();
        Batch batch = await BatchToFill.PreparedAsync(db, engine);
        long rows = await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE ctid < '(1,0)'");

        BatchResult.Filled filled = (
            await FillAsync(engine, batch with { Range = ((BlockRange)batch.Range).Head(1), RowsPerUnit = rows })
        ).ShouldBeOfType<BatchResult.Filled>();

        filled.Rows.ShouldBe(rows);
        (await db.ColumnAsync("SELECT count(*) FROM orders WHERE currency IS NOT NULL GROUP BY xmin::text"))
            .Select(long.Parse)
            .Order()
            .ShouldBe([rows / 2, rows - (rows / 2)]);
    }

    [Theory]
    [InlineData(17, 5)]
    [InlineData(17, 19_990)]
    public async Task A_locked_row_leaves_the_cursor_unchanged_and_the_batch_repeatable(int major, int locked)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();
        Batch batch = await BatchToFill.PreparedAsync(db, engine);
        await using (
            Session clerk = await Session.InTransactionAsync(
                db.ConnectionString,
                "clerk",
                $"SELECT FROM orders WHERE id = {locked} FOR UPDATE"
            )
        )
        {
            (await FillAsync(engine, batch)).ShouldBeOfType<BatchResult.RowLocked>();
            (await engine.Execution.Batches.CursorAsync(batch.Key, CancellationToken.None))!.UnitsDone.ShouldBe(0);

            // A session that is closed may hold its lock until the server notices.
            await clerk.ExecuteAsync("ROLLBACK");
        }

        (await FillAsync(engine, batch)).ShouldBeOfType<BatchResult.Filled>();
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(17)]
    public async Task One_session_fills_numbered_rows_and_tables_with_own_triggers(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(20_000);

        (await WorkersAsync(db, Tables.Currency)).ShouldBe(2);
        (
            await WorkersAsync(
                db,
                "operations:\n  - add_column: { table: orders, name: number, type: bigint, identity: {} }"
            )
        ).ShouldBe(1);
        await db.ExecuteAsync(
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE "
                + "TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()"
        );
        (await WorkersAsync(db, Tables.Currency)).ShouldBe(1);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_never_analysed_still_shows_remaining_rows(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE fresh (id bigint, note text) WITH (autovacuum_enabled = off); INSERT INTO fresh "
                + "SELECT n, repeat('x', 60) FROM generate_series(1, 20000) n"
        );
        await using PostgresEngine engine = db.Engine();

        (
            await engine.Execution.Ranges.MeasureAsync("public.fresh", CancellationToken.None)
        ).EstimatedRows.ShouldBeInRange(5_000, 80_000);
    }

    /// <summary>Looks from the server: a busy client must not hold the row for longer than is meant.</summary>
    private static string UntilSomebodyWaited(int milliseconds) =>
        $"""
            DO $$ BEGIN
              WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted
                  AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
                  AND waitstart < clock_timestamp() - interval '{milliseconds} ms') LOOP
                PERFORM pg_sleep(0.005);
              END LOOP;
            END $$
            """;

    private static async Task<int> WorkersAsync(TestDatabase db, string yaml) =>
        (await db.PlannedAsync(yaml)).Steps().OfType<BackfillStep>().First().Targets[0].Workers;

    private static async Task<BatchResult> FillAsync(PostgresEngine engine, Batch batch) =>
        (await engine.Execution.Batches.FillAsync([batch], CancellationToken.None)).Results.Single();
}

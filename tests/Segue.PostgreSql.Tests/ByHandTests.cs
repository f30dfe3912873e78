using Segue.Execution;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>Somebody takes away by hand what a change has made: it is done again as a whole, or told; never taken for there.</summary>
public class ByHandTests
{
    private const string Change = "operations:\n  - add_column: { table: orders, name: code, type: bigint, backfill: id, index: true }";
    private const string DropTriggers = "DO $$ DECLARE name text; BEGIN FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'orders'::regclass LOOP EXECUTE format('DROP TRIGGER %I ON orders', name); END LOOP; END $$";

    [Theory, PostgresVersions(15)]
    public async Task A_column_dropped_after_its_fill_is_told_and_after_a_rollback_added_and_filled_anew(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        await db.ExecuteAsync("ALTER TABLE orders DROP COLUMN code CASCADE");

        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Refused>();
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();

        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE code IS DISTINCT FROM id")).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_dropped_index_is_built_again(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync("DROP INDEX orders_code_idx");

        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Completed>();

        (await db.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_code_idx'::regclass")).ShouldBeTrue();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_dropped_sync_trigger_is_told_and_the_rollback_takes_the_rest_away(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        await db.ExecuteAsync(DropTriggers);

        RunOutcome.Refused refused = (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Refused>();

        refused.Problems.ShouldHaveSingleItem().What.ShouldContain("a part is gone");
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>();
        (await db.ColumnAsync("SELECT attname::text FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped")).ShouldBe(["id", "note"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task Rows_that_came_while_the_trigger_was_away_are_filled_once_it_is_back(int major)
    {
        await using TestDatabase db = await FilledAsync(major);
        IReadOnlyList<string> triggers = await db.ColumnAsync("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'orders'::regclass");
        await db.ExecuteAsync(DropTriggers);
        await db.ExecuteAsync("INSERT INTO orders VALUES (9000, 'while it was away')");
        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Refused>();

        await db.ExecuteAsync(string.Join("; ", triggers));
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();

        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE code IS DISTINCT FROM id")).ShouldBe(0);
    }

    private static async Task<TestDatabase> FilledAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY, note text); INSERT INTO orders SELECT n, 'x' FROM generate_series(1, 500) n");
        (await db.ApplyAsync(Change, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        return db;
    }
}

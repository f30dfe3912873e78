using Npgsql;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Old code uses a dropped column until contract, beside new code that does not know it. Its values can be restored
/// until it is purged.
/// </summary>
[Trait("kind", "drop_column")]
public class DroppedColumnTests
{
    private const string OldInsert = "INSERT INTO orders (region, amount, note) VALUES ('eu', 7, 'old')";
    private const string NewInsert = "INSERT INTO orders (region, note) VALUES ('eu', 'new')";
    private const string Note = "operations:\n  - drop_column: { table: orders, name: note }";
    private const string Amount = "operations:\n  - drop_column: { table: orders, name: amount, down: length(region) }";

    private static readonly CompleteRequest Quiet = new() { QuietFor = TimeSpan.FromSeconds(20) };

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_of_new_code_get_the_value_of_down_and_rows_of_old_code_keep_theirs(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Amount);

        await db.ExecuteAsync($"{OldInsert}; {NewInsert}; UPDATE orders SET region = 'other' WHERE id = 300");

        (await LastAsync(db)).ShouldBe(["300 300", "301 7", "302 2"]);
        (await db.RollbackAsync()).ShouldBeRolledBack();
        await Should.ThrowAsync<PostgresException>(() => db.ExecuteAsync(NewInsert));
        (await LastAsync(db)).ShouldBe(["300 300", "301 7", "302 2"]);
    }

    [Theory, PostgresVersions]
    public async Task A_rollback_after_contract_restores_values_and_fills_rows_that_were_written_without_them(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Amount);
        (await db.CompleteAsync()).ShouldBeCompleted();
        await db.ExecuteAsync(NewInsert);
        (await db.ColumnAsync("SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0"))
            .Count(name => name.StartsWith("segue_kept_", StringComparison.Ordinal))
            .ShouldBe(1);

        (await db.RollbackAsync()).ShouldBeRolledBack();

        (await LastAsync(db)).ShouldBe(["299 299", "300 300", "301 2"]);
        (
            await db.ScalarAsync<bool>(
                "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'amount'"
            )
        ).ShouldBeTrue();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_rollback_reports_rows_that_down_leaves_empty_and_continues_when_they_have_a_value(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Amount);
        (await db.CompleteAsync()).ShouldBeCompleted();
        await db.ExecuteAsync("INSERT INTO orders (note) VALUES ('nowhere')");

        Outcomes.Words(await db.RollbackAsync()).ShouldContain("amount is never NULL: 1 of 301 rows");

        await db.ExecuteAsync("UPDATE orders SET amount = 0 WHERE amount IS NULL");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await LastAsync(db)).ShouldBe(["299 299", "300 300", "301 0"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_default_for_new_code_stays_while_the_column_is_kept(int major)
    {
        const string Drop = "operations:\n  - drop_column: { table: orders, name: amount, default: \"-1\" }";
        await using TestDatabase db = await AtGateAsync(major, Drop);
        await db.ExecuteAsync(NewInsert);
        (await db.CompleteAsync()).ShouldBeCompleted();
        await db.ExecuteAsync(NewInsert);

        (await db.RollbackAsync()).ShouldBeRolledBack();

        (await LastAsync(db)).ShouldBe(["300 300", "301 -1", "302 -1"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Writes_of_old_code_to_the_column_are_counted_and_refuse_complete(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Note);
        await db.ExecuteAsync("INSERT INTO orders (region, amount) VALUES ('eu', 7); UPDATE orders SET amount = 8");
        (await OldWritesAsync(db)).ShouldBeEmpty();

        await db.ExecuteAsync("UPDATE orders SET note = note WHERE id = 5");

        (await OldWritesAsync(db)).ShouldHaveSingleItem().Breaks.ShouldBeTrue();
        Outcomes.Words(await db.CompleteAsync(Quiet)).ShouldContain("old code");
        (await db.FindAsync())!.Status.ShouldBe(ChangeStatus.Waiting);
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Inserts_of_new_code_are_not_taken_for_old_code(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders + "ALTER TABLE orders ADD made timestamptz DEFAULT now(), ADD n json DEFAULT '{}'"
        );
        const string Drop = """
            operations:
              - drop_column: { table: orders, name: made }
              - drop_column: { table: orders, name: n }
              - drop_column: { table: orders, name: amount, down: length(region) }
            """;
        (await db.ApplyAsync(Drop)).ShouldWaitAtGate();
        await db.ExecuteAsync(NewInsert);
        (await OldWritesAsync(db)).ShouldBeEmpty();

        await db.ExecuteAsync("INSERT INTO orders (region, n) VALUES ('eu', '[]')");

        (await OldWritesAsync(db)).Sum(writes => writes.Count).ShouldBe(1);
    }

    /// <summary>The server inserts such a row again, with its old value.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_row_that_moves_to_another_partition_is_no_obstacle(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE events (id int, kind text) PARTITION BY RANGE (id);
            CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
            CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20);
            INSERT INTO events VALUES (1, 'a');
            """
        );
        (await db.ApplyAsync("operations:\n  - drop_column: { table: events, name: kind }")).ShouldWaitAtGate();
        await db.ExecuteAsync("UPDATE events SET id = 11");

        (await OldWritesAsync(db)).ShouldHaveSingleItem().Breaks.ShouldBeFalse();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_kept_column_is_purged_after_its_time_or_at_once_and_cannot_be_restored_then(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Note);
        (await db.CompleteAsync()).ShouldBeCompleted();

        Outcomes.Words(await db.PurgeAsync(now: false)).ShouldContain("public.orders.note is kept until ");
        await db.ExecuteAsync("ALTER TABLE orders RENAME TO purchases");
        Outcomes.Words(await db.PurgeAsync(now: true)).ShouldContain("it was renamed or moved.");
        await db.ExecuteAsync("ALTER TABLE purchases RENAME TO orders");
        (await db.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>().Dropped.ShouldBe(["public.orders.note"]);

        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain("it is completed, and public.orders.note cannot be restored: segue_kept_");
        (await db.FindAsync())!.Status.ShouldBe(ChangeStatus.Completed);
        (
            await db.ColumnAsync(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 "
                    + "AND NOT attisdropped"
            )
        ).ShouldBe(["id", "region", "amount"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task The_name_of_a_kept_column_can_be_reused_and_no_operation_can_name_what_is_kept(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Note);
        (await db.CompleteAsync()).ShouldBeCompleted();
        string kept = (
            await db.ColumnAsync("SELECT attname FROM pg_attribute WHERE attname LIKE 'segue\\_kept%'")
        ).ShouldHaveSingleItem();
        Outcomes
            .Words(
                await db.ApplyAsync(
                    $"operations:\n  - alter_column: {{ table: orders, name: {kept}, comment: x }}",
                    change: "0002_test"
                )
            )
            .ShouldContain($"public.orders has no column {kept}. It has id, region, amount.");
        await db.ExecuteAsync("ALTER TABLE orders ADD note int");

        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain("or another column has its name and must be renamed first");

        await db.MigrateAsync(Note, "0002_test");
        (await db.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>();
        (await db.RollbackAsync("0002_test")).ShouldBeRolledBack();
        (await db.ColumnAsync("SELECT change FROM segue.retained WHERE purged_at IS NULL")).ShouldBeEmpty();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Other_kinds_leave_a_kept_column_out(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + "CREATE TABLE archive (LIKE orders INCLUDING ALL)");
        await db.MigrateAsync(Note);
        await db.MigrateAsync(
            "operations:\n  - prune: { table: orders, where: id < 9, archive: archive }",
            "0002_test"
        );
        (await db.ScalarAsync<long>("SELECT count(*) FROM archive WHERE note IS NULL")).ShouldBe(8);

        Outcomes
            .Words(
                await db.ApplyAsync("operations:\n  - rename_table: { table: orders, to: bills }", change: "0003_test")
            )
            .ShouldContain("public.orders keeps dropped columns (segue_kept_");
        await db.MigrateAsync("operations:\n  - drop_table: { table: orders }", "0004_test");
        (await db.RollbackAsync("0004_test")).ShouldBeRolledBack();
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE note IS NOT NULL")).ShouldBe(292);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Another_change_in_progress_on_the_table_goes_on_while_the_column_goes(int major)
    {
        const string Currency =
            "operations:\n  - add_column: { table: orders, name: c, type: text, nullable: false, "
            + "backfill: \"coalesce(region, 'USD')\" }";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + "ALTER TABLE orders ADD CONSTRAINT short CHECK (length(note) < 100)");
        (await db.ApplyAsync(Note)).ShouldWaitAtGate();
        (await db.ApplyAsync(Currency, StageName.Backfill, "0002_test")).ShouldBeOfType<RunOutcome.StoppedAfter>();
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ApplyAsync(Currency, change: "0002_test")).ShouldWaitAtGate();
        (await db.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>();

        (await db.CompleteAsync("0002_test")).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Objects_created_while_the_drop_waited_are_reported_first(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Note);
        await db.ExecuteAsync("CREATE VIEW report AS SELECT note FROM orders");

        Outcomes
            .Words(await db.CompleteAsync())
            .ShouldContain("after the change was planned, an object was created that uses public.orders.note");
        await db.ExecuteAsync("DROP VIEW report");
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    private static async Task<TestDatabase> AtGateAsync(int major, string change)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (await db.ApplyAsync(change)).ShouldWaitAtGate();
        return db;
    }

    private static Task<IReadOnlyList<string>> LastAsync(TestDatabase db) =>
        db.ColumnAsync(
            "SELECT id || ' ' || amount FROM (SELECT * FROM orders ORDER BY id DESC LIMIT 3) AS last ORDER BY id"
        );

    private static async Task<IReadOnlyList<OldWrites>> OldWritesAsync(TestDatabase db) =>
        (await db.WithTargetAsync(target => target.StatusAsync("0001_test"))).OldWrites ?? [];
}

using Segue.Conformance;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Partitions come and go while a change is under way, as retention jobs have it.</summary>
public class PartitionLifeTests
{
    private const string Setup =
        Cases.Orders
        + PartitionCases.Range
        + "CREATE TABLE items_0 PARTITION OF items FOR VALUES FROM (-100) TO (0); INSERT INTO items SELECT "
        + "'old', -n FROM generate_series(1, 50) n;";
    private static readonly string Change = Cases.Adds(
        "table: items, name: currency, type: char(3), nullable: false, backfill: \"CASE n % 2 WHEN 0 THEN "
            + "'EUR' ELSE 'USD' END\", references: { table: currencies }, index: true, check: \"currency "
            + "<> 'CHF'\"",
        "table: items, name: twice, type: int, derive: n * 2"
    );

    /// <summary>A turn takes each version and each stage once.</summary>
    public static IEnumerable<object[]> EachStage =>
        from major in Postgres.Majors
        from stage in Enum.GetValues<StageName>()
        where stage < StageName.Contract && Rotation.Takes(major + (int)stage)
        select new object[] { major, stage };

    [Theory, MemberData(nameof(EachStage))]
    public async Task A_partition_may_be_dropped_and_another_detached_after_any_stage(int major, StageName stage)
    {
        await using TestDatabase db = await BeganAsync(major, stage);
        await db.ExecuteAsync("DROP TABLE items_0; ALTER TABLE items DETACH PARTITION items_1");
        await EndAsync(db);
        (
            await db.ScalarAsync<long>("SELECT count(*) FROM items WHERE twice = n * 2 AND currency IS NOT NULL")
        ).ShouldBe(301);
        (
            await db.ColumnAsync(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%segue%' AND "
                    + "tgrelid = 'items_1'::regclass"
            )
        ).ShouldBeEmpty();
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_partition_may_be_dropped_in_the_middle_of_the_backfill(int major)
    {
        await using TestDatabase db = await BeganAsync(major, StageName.Expand);
        await using PostgresEngine engine = db.Engine();
        await engine.Records.Ledger.RequestPauseAsync("0001_test", paused: true, "by test", CancellationToken.None);
        Task<RunOutcome> applying = db.ApplyAsync(Change);
        await Eventually.TrueAsync(
            "the backfill is paused",
            async () => applying.IsCompleted || (await db.FindAsync())!.Status == ChangeStatus.Paused
        );

        (await db.ScalarAsync<long>("SELECT count(*) FROM items WHERE currency IS NOT NULL")).ShouldBeLessThan(450);
        await db.ExecuteAsync("DROP TABLE items_2; TRUNCATE items_1");
        await engine.Records.Ledger.RequestPauseAsync("0001_test", paused: false, "by test", CancellationToken.None);
        (await applying).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeCompleted();
        (
            await db.ScalarAsync<long>("SELECT count(*) FROM items WHERE twice = n * 2 AND currency IS NOT NULL")
        ).ShouldBe(251);
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_partition_attached_before_the_backfill_is_filled_and_gets_everything(int major)
    {
        await using TestDatabase db = await BeganAsync(major, StageName.Expand);
        await AttachAsync(db, "LIKE items");
        RunOutcome outcome = await db.ApplyAsync(Change);
        string message = outcome.ShouldBeOfType<RunOutcome.Failed>().Message;
        message.ShouldContain("every partition of items has its part of index items_currency_idx: 1 of 5 rows");
        message.ShouldContain("items_9");
        await db.ExecuteAsync("CREATE INDEX CONCURRENTLY items_9_currency_idx ON items_9 (currency)");
        await db.ExecuteAsync("ALTER INDEX items_currency_idx ATTACH PARTITION items_9_currency_idx");
        await EndAsync(db);
        (
            await db.ScalarAsync<long>("SELECT count(*) FROM items_9 WHERE twice = n * 2 AND currency IS NOT NULL")
        ).ShouldBe(100);
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_partition_attached_after_the_backfill_is_found_and_filled_by_verify(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        string change = Cases.Adds("table: items, name: twice, type: int, nullable: false, derive: n * 2");
        (await db.ApplyAsync(change, StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await AttachAsync(db, "LIKE items");
        (await db.ApplyAsync(change)).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM items_9 WHERE twice = n * 2")).ShouldBe(100);
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_partition_attached_or_created_at_the_gate_is_kept_in_sync(int major)
    {
        await using TestDatabase db = await BeganAsync(major, StageName.Switch);
        await db.ExecuteAsync(
            """
            CREATE TABLE items_8 PARTITION OF items FOR VALUES FROM (800) TO (900);
            CREATE TABLE items_9 (LIKE items INCLUDING ALL);
            INSERT INTO items_9 (n, currency, twice) SELECT n, 'EUR', 2 * n FROM generate_series(900, 999) n;
            ALTER TABLE items ATTACH PARTITION items_9 FOR VALUES FROM (900) TO (1000);
            INSERT INTO items (n) VALUES (801);
            UPDATE items SET n = 802 WHERE n = 901;
            UPDATE items SET label = 'unrelated' WHERE n = 902;
            """
        );
        await EndAsync(db);
        (
            await db.ColumnAsync(
                "SELECT currency || twice FROM items WHERE n BETWEEN 800 AND 802 OR n = 902 ORDER BY n"
            )
        ).ShouldBe(["USD1602", "EUR1604", "EUR1804"]);
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_partition_attached_during_the_change_is_rolled_back_with_the_others(int major)
    {
        await using TestDatabase db = await BeganAsync(major, StageName.Backfill);
        await AttachAsync(db, "LIKE items");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (
            await db.ColumnAsync(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'items_9'::regclass AND attnum > 0 AND "
                    + "NOT attisdropped ORDER BY attnum"
            )
        ).ShouldBe(["label", "n"]);
        (
            await db.ColumnAsync("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%segue%'")
        ).ShouldBeEmpty();
    }

    private static async Task<TestDatabase> BeganAsync(int major, StageName until)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        RunOutcome outcome = await db.ApplyAsync(Change, until);
        (outcome is RunOutcome.StoppedAfter or RunOutcome.WaitingAtGate).ShouldBeTrue(Outcomes.Words(outcome));
        return db;
    }

    private static Task AttachAsync(TestDatabase db, string like) =>
        db.ExecuteAsync(
            $"""
            CREATE TABLE items_9 ({like});
            INSERT INTO items_9 (n) SELECT n FROM generate_series(900, 999) n;
            ALTER TABLE items ATTACH PARTITION items_9 FOR VALUES FROM (900) TO (1000);
            """
        );

    private static async Task EndAsync(TestDatabase db)
    {
        RunOutcome applied = await db.ApplyAsync(Change);
        applied.ShouldBeOfType<RunOutcome.WaitingAtGate>(Outcomes.Words(applied));
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ColumnAsync("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")).ShouldBeEmpty();
        (await db.ColumnAsync("SELECT conname FROM pg_constraint WHERE NOT convalidated")).ShouldBeEmpty();
    }
}

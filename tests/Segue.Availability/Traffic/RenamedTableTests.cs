using Npgsql;
using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>A table's new name arrives, and the old one goes, while apps that know one or the other work.</summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class RenamedTableTests(ITestOutputHelper output)
{
    private const int Orders = 20_000;
    private const string Rename = "operations:\n  - rename_table: { table: orders, to: purchases }";

    [Theory, PostgresVersions(14, 18)]
    public async Task Renaming_a_table_disturbs_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        shop.Traffic.Mark("gate");
        await shop.Traffic.AddAsync(NewApp(db.ConnectionString));
        await Until.TrueAsync(
            () => shop.Traffic.Summary(OrdersWorkload.NewAppName).Requests > 150,
            "the new app is at work beside the old one"
        );
        await shop.Traffic.RemoveAsync(OrdersWorkload.OldAppName);
        await shop.Traffic.RemoveAsync("jobs");
        (await db.CompleteAsync()).ShouldBeCompleted();
        await Until.TrueAsync(() => shop.Traffic.Periods()[^1].Summary.Requests > 50, "the new app works on");

        // What follows asks in the words of the shop.
        await db.ExecuteAsync("CREATE VIEW orders AS SELECT * FROM purchases");
        output.WriteLine(await shop.CloseAsync());
    }

    [Theory, PostgresVersions(16)]
    public async Task Rolling_back_a_rename_disturbs_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        await Until.TrueAsync(
            () => shop.Traffic.Periods()[^1].Summary.Requests > 50,
            "the old app works through the view"
        );
        (await db.RollbackAsync()).ShouldBeRolledBack();
        await Until.TrueAsync(() => shop.Traffic.Periods()[^1].Summary.Requests > 50, "the old app works on");

        output.WriteLine(await shop.CloseAsync());
    }

    // Parents' locks, one foreign key per transaction, when a table comes, goes, comes back and goes for good.
    [Theory, PostgresVersions(17)]
    public async Task Creating_and_dropping_another_table_disturbs_no_app(int major)
    {
        const string Create = """
            operations:
              - create_table:
                  table: bills
                  columns: [{ name: id, type: bigint, identity: {} },
                      { name: order_id, type: bigint, references: { table: orders, on_delete: cascade } },
                      { name: item_id, type: bigint, references: { table: order_items } }]
                  primary_key: [id]
            """;
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Create)).ShouldBeCompleted();
        await db.ExecuteAsync("INSERT INTO bills (order_id) SELECT id FROM orders ORDER BY id LIMIT 5000");
        (await db.ApplyAsync("operations:\n  - drop_table: { table: bills }", change: "0002_test")).ShouldWaitAtGate();
        (await db.CompleteAsync("0002_test")).ShouldBeCompleted();
        (await db.RollbackAsync("0002_test")).ShouldBeRolledBack();
        (await db.ScalarAsync<long>("SELECT count(*) FROM bills")).ShouldBe(5000);
        await db.MigrateAsync("operations:\n  - drop_table: { table: bills }", "0003_test");
        (await db.PurgeAsync(now: true, "0003_test")).ShouldBeOfType<RunOutcome.Purged>();

        output.WriteLine(await shop.CloseAsync());
    }

    private static TrafficApp NewApp(string connectionString) =>
        new(
            OrdersWorkload.NewAppName,
            connectionString,
            [
                new(
                    "read",
                    40,
                    (connection, random, cancel) =>
                        RunAsync(
                            connection,
                            $"SELECT id, amount, status FROM purchases WHERE id = {1 + random.Next(Orders)}",
                            cancel
                        )
                ),
                new(
                    "update",
                    30,
                    (connection, random, cancel) =>
                        RunAsync(
                            connection,
                            "WITH set AS (UPDATE purchases SET status = 'new' WHERE id = "
                                + $"{1 + random.Next(Orders)} RETURNING id) INSERT INTO app_write_log (order_id, "
                                + "field, value) SELECT id, 'status', 'new' FROM set",
                            cancel
                        )
                ),
                new(
                    "insert",
                    20,
                    (connection, _, cancel) =>
                        RunAsync(
                            connection,
                            "INSERT INTO purchases (customer_id, region, amount, status, note) VALUES (1, "
                                + "'eu', 5, 'new', 'by the new application') RETURNING id",
                            cancel
                        )
                ),
            ]
        );

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void MarkStages(TestDatabase db, Shop shop) =>
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted stage)
            {
                shop.Traffic.Mark(stage.Stage);
            }
        };
}

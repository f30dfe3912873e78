using Npgsql;
using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>A table's new name arrives, and the old one goes, while apps that know one or the other work.</summary>
public class RenamedTableTests(ITestOutputHelper output)
{
    private const int Orders = 20_000;
    private const string Rename = "operations:\n  - rename_table: { table: orders, to: purchases }";

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task Apps_notice_nothing_of_a_table_that_gets_another_name(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        shop.Traffic.Mark("gate");
        await shop.Traffic.AddAsync(NewApp(db.ConnectionString));
        await Until.TrueAsync(() => shop.Traffic.Summary(OrdersWorkload.NewAppName).Requests > 150, "the new app is at work beside the old one");
        await shop.Traffic.RemoveAsync(OrdersWorkload.OldAppName);
        await shop.Traffic.RemoveAsync("jobs");
        (await db.CompleteAsync()).ShouldBeCompleted();
        await Until.TrueAsync(() => shop.Traffic.Periods()[^1].Summary.Requests > 50, "the new app works on");

        // What follows asks in the words of the shop.
        await db.ExecuteAsync("CREATE VIEW orders AS SELECT * FROM purchases");
        output.WriteLine(await shop.CloseAsync());
    }

    [Theory, PostgresVersions(15, 17)]
    public async Task Apps_notice_nothing_of_a_new_name_that_is_taken_back(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        await Until.TrueAsync(() => shop.Traffic.Periods()[^1].Summary.Requests > 50, "the old app works through the view");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        await Until.TrueAsync(() => shop.Traffic.Periods()[^1].Summary.Requests > 50, "the old app works on");

        output.WriteLine(await shop.CloseAsync());
    }

    private static TrafficApp NewApp(string connectionString) => new(OrdersWorkload.NewAppName, connectionString,
    [
        new("read", 40, (connection, random, cancel) => RunAsync(connection, $"SELECT id, amount, status FROM purchases WHERE id = {1 + random.Next(Orders)}", cancel)),
        new("update", 30, (connection, random, cancel) => RunAsync(
            connection,
            $"WITH set AS (UPDATE purchases SET status = 'new' WHERE id = {1 + random.Next(Orders)} RETURNING id) INSERT INTO app_write_log (order_id, field, value) SELECT id, 'status', 'new' FROM set",
            cancel)),
        new("insert", 20, (connection, _, cancel) => RunAsync(connection, "INSERT INTO purchases (customer_id, region, amount, status, note) VALUES (1, 'eu', 5, 'new', 'by the new application') RETURNING id", cancel)),
    ]);

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void MarkStages(TestDatabase db, Shop shop) => db.Happened = happened =>
    {
        if (happened is RunEvent.StageStarted stage)
        {
            shop.Traffic.Mark(stage.Stage);
        }
    };
}

using Npgsql;
using Segue.Lab.Traffic;
using Segue.Testing;

namespace Segue.Availability.Support;

/// <summary>
/// The lab's shop with its old and new app, and what else goes on in a database: long reads, held rows, a forgotten
/// transaction.
/// </summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly TestDatabase _db;
    private readonly OrdersWorkload _orders;
    private readonly Session _forgotten;
    private readonly string _unchanged;

    private Shop(TestDatabase db, OrdersWorkload orders, Session forgotten, TrafficRun traffic, string unchanged)
    {
        _db = db;
        _orders = orders;
        _forgotten = forgotten;
        _unchanged = unchanged;
        Traffic = traffic;
    }

    public const string Change = """
        description: Orders carry their currency
        operations:
          - add_column:
              table: orders
              name: currency
              type: char(3)
              nullable: false
              backfill: "coalesce(region_currency(region), 'USD')"
              check: "currency ~ '^[A-Z]{3}$'"
              references: { table: currencies, column: code, on_delete: restrict }
              index: true
        """;

    public TrafficRun Traffic { get; }

    public static async Task<Shop> OpenAsync(TestDatabase db, int orders)
    {
        OrdersWorkload workload = new() { ConnectionString = db.ConnectionString, Orders = orders };
        await workload.CreateAsync();
        await db.ExecuteAsync("CREATE TABLE audit (line text)");
        string unchanged = await db.ScalarAsync<string>(Unchanging(orders));
        Session forgotten = await Session.InTransactionAsync(
            db.ConnectionString,
            "forgotten",
            "INSERT INTO audit VALUES ('begun')"
        );
        TrafficRun traffic = await TrafficRun.StartAsync([
            workload.OldApp(120),
            Jobs(db.ConnectionString, orders),
            Bystanders.Control(db.ConnectionString),
        ]);
        await Until.TrueAsync(() => traffic.Summary(OrdersWorkload.OldAppName).Requests > 100, "the shop is open");
        return new Shop(db, workload, forgotten, traffic, unchanged);
    }

    /// <summary>The new app is deployed beside the old one; once it is at work the old one goes.</summary>
    public async Task DeployAsync()
    {
        await Traffic.AddAsync(_orders.NewApp(100));
        await Until.TrueAsync(
            () => Traffic.Summary(OrdersWorkload.NewAppName).Requests > 150,
            "the new app is at work"
        );
        await Traffic.RemoveAsync(OrdersWorkload.OldAppName);
    }

    /// <summary>
    /// Closes, and shows that nobody failed, nobody waited long, and every value is what the apps wrote.
    /// </summary>
    public async Task<string> CloseAsync()
    {
        await Traffic.StopAsync();
        Traffic.Errors.ShouldBeEmpty();
        Traffic.Summary().Failed.ShouldBe(0);
        (await _orders.LostWritesAsync("status")).ShouldBeEmpty();
        (await _db.ScalarAsync<string>(Unchanging(_orders.Orders))).ShouldBe(_unchanged);
        TimeSpan stall = TimeSpan.FromTicks(
            Math.Max(MaxOf(OrdersWorkload.OldAppName).Ticks, MaxOf(OrdersWorkload.NewAppName).Ticks)
        );
        stall.ShouldBeLessThan(Bystanders.LongestStall + MaxOf(Bystanders.ControlName));
        return $"{Traffic.Summary().Requests} requests, longest {stall.TotalMilliseconds:0} ms (of one that "
            + $"touches no table: {MaxOf(Bystanders.ControlName).TotalMilliseconds:0} ms); old app "
            + string.Join(
                "; ",
                Traffic
                    .Periods(OrdersWorkload.OldAppName)
                    .Select(period =>
                        $"{period.Name}: p99 {period.Summary.P99.TotalMilliseconds:0} ms, max "
                        + $"{period.Summary.Max.TotalMilliseconds:0} ms"
                    )
            );
    }

    /// <summary>
    /// Row for row: the last value the new app wrote, else what its region says. Worked out without the change's own
    /// expression.
    /// </summary>
    public Task<IReadOnlyList<string>> WrongAsync() =>
        _db.ColumnAsync(
            """
            SELECT format('order %s (%s) has %s, not %s', o.id, o.region, o.currency, expected)
            FROM orders o
            LEFT JOIN (SELECT DISTINCT ON (order_id) order_id, value FROM app_write_log WHERE field = 'currency'
                ORDER BY order_id, seq DESC) w ON w.order_id = o.id
            LEFT JOIN (VALUES ('us', 'USD'), ('eu', 'EUR'), ('uk', 'GBP'), ('ch', 'CHF'), ('jp', 'USD'))
                AS r(region, currency) ON r.region = o.region,
            LATERAL (SELECT coalesce(w.value, r.currency) AS expected) e
            WHERE o.currency IS DISTINCT FROM expected::char(3) LIMIT 20
            """
        );

    public async ValueTask DisposeAsync()
    {
        await Traffic.DisposeAsync();
        await _forgotten.DisposeAsync();
    }

    private TimeSpan MaxOf(string app) => Traffic.Summary(app).Max;

    /// <summary>What no app writes in the orders that were there from the start.</summary>
    private static string Unchanging(int orders) =>
        "SELECT md5(string_agg(concat_ws('|', id, customer_id, region, amount, created_at, note), ',' "
        + $"ORDER BY id)) FROM orders WHERE id <= {orders}";

    private static TrafficApp Jobs(string connectionString, int orders) =>
        new(
            "jobs",
            connectionString,
            [
                new(
                    "long read",
                    0.25,
                    (connection, _, cancel) =>
                        RunAsync(
                            connection,
                            "WITH counted AS (SELECT count(*) FROM orders) SELECT pg_sleep(1.5) FROM counted",
                            cancel
                        )
                )
                {
                    Connections = 1,
                },
                new(
                    "hold an order",
                    3,
                    async (connection, random, cancel) =>
                    {
                        long order = 1 + random.Next(orders);
                        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
                        await RunAsync(connection, $"SELECT FROM orders WHERE id = {order} FOR UPDATE", cancel);
                        await RunAsync(connection, "SELECT pg_sleep(0.15)", cancel);
                        await RunAsync(
                            connection,
                            $"INSERT INTO order_items (order_id, product, quantity) VALUES ({order}, 'held', 1)",
                            cancel
                        );
                        await transaction.CommitAsync(cancel);
                    }
                ),
            ]
        );

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}

using Npgsql;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;

namespace Segue.Cli.Tests.Lab;

public sealed class TrafficRunTests(TrafficRunTests.Server server) : IClassFixture<TrafficRunTests.Server>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task A_lock_that_blocks_the_table_counts_for_every_request_that_fell_due_meanwhile()
    {
        string database = await server.CreateDatabaseAsync("stall");
        await ExecuteAsync(database, "CREATE TABLE counted AS SELECT 1 AS n");
        var app = new TrafficApp(
            "app",
            database,
            [new("read", 200, Reading("SELECT n FROM counted")) { Connections = 2 }]
        );
        await using TrafficRun run = await TrafficRun.StartAsync([app]);
        await UntilAsync(() => run.Summary().Requests > 20);

        run.Mark("blocked");
        await ExecuteAsync(database, "BEGIN; LOCK TABLE counted IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1); COMMIT");
        run.Mark("after");
        await run.StopAsync();

        TrafficSummary blocked = run.Periods().Single(period => period.Name == "blocked").Summary;
        blocked.Failed.ShouldBe(0);
        blocked.Max.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(300));

        // Two connections were blocked; the 200 requests that fell due behind them waited 500 ms on average. A busy
        // machine adds some before and after that did not wait.
        blocked.Requests.ShouldBeGreaterThan(70);
        blocked.P50.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(100));
        run.Series().Max(point => point.Max).ShouldBe(run.Summary().Max);
    }

    [Fact]
    public async Task A_failed_request_is_counted_and_shown_and_the_traffic_continues()
    {
        string database = await server.CreateDatabaseAsync("failing");
        var app = new TrafficApp(
            "app",
            database,
            [new("good", 50, Reading("SELECT 1")), new("bad", 50, Reading("SELECT 1/0"))]
        );
        await using TrafficRun run = await TrafficRun.StartAsync([app]);
        await UntilAsync(() => run.Summary("app/bad").Failed > 5 && run.Summary("app/good").Requests > 5);
        await run.StopAsync();

        run.Summary("app/good").Failed.ShouldBe(0);
        TrafficSummary bad = run.Summary("app/bad");
        bad.Failed.ShouldBe(bad.Requests);
        TrafficError error = run.Errors[0];
        (error.App, error.Client, error.SqlState).ShouldBe(("app", "bad", "22012"));
    }

    [Fact]
    public async Task Requests_unanswered_after_the_end_fail()
    {
        string database = await server.CreateDatabaseAsync("hanging");
        var app = new TrafficApp(
            "app",
            database,
            [new("hang", 100, Reading("SELECT pg_sleep(600)")) { Connections = 1 }]
        );
        await using TrafficRun run = await TrafficRun.StartAsync(
            [app],
            new TrafficOptions { Drain = TimeSpan.FromMilliseconds(50) }
        );
        TimeSpan started = run.Elapsed;
        await UntilAsync(() => run.Elapsed - started > TimeSpan.FromMilliseconds(300));
        await run.StopAsync();

        run.Summary().Failed.ShouldBeGreaterThan(25);
        run.Errors[0].Message.ShouldContain("not answered");
    }

    [Fact]
    public async Task The_orders_workload_runs_before_and_after_the_change_and_detects_a_lost_write()
    {
        var orders = new OrdersWorkload { ConnectionString = await server.CreateDatabaseAsync("shop"), Orders = 2000 };
        await orders.CreateAsync();
        await using TrafficRun run = await TrafficRun.StartAsync([orders.OldApp(rate: 200)]);
        await UntilAsync(() => run.Summary(OrdersWorkload.OldAppName).Requests > 100);
        await ExecuteAsync(orders.ConnectionString, "ALTER TABLE orders ADD COLUMN currency char(3)");
        await run.AddAsync(orders.NewApp(rate: 200));
        run.SetRate(OrdersWorkload.OldAppName, "read order", 10);
        await UntilAsync(() => run.Summary(OrdersWorkload.NewAppName).Requests > 200);
        await run.StopAsync();

        run.Errors.ShouldBeEmpty();
        (await orders.LostWritesAsync("currency")).ShouldBeEmpty();
        (await orders.LostWritesAsync("status")).ShouldBeEmpty();

        const string Overwrite =
            "UPDATE orders SET currency = 'USD' WHERE id = (SELECT order_id FROM app_write_log WHERE field "
            + "= 'currency' LIMIT 1)";
        await ExecuteAsync(orders.ConnectionString, Overwrite);
        (await orders.LostWritesAsync("currency")).ShouldHaveSingleItem().Found.ShouldBe("USD");
    }

    [Fact]
    public async Task Traffic_survives_a_restart_of_the_server_and_counts_what_failed()
    {
        await using PostgresServer own = await Server.StartAsync();
        var app = new TrafficApp("app", own.ConnectionString(), [new("read", 200, Reading("SELECT 1"))]);
        await using TrafficRun run = await TrafficRun.StartAsync([app]);
        await UntilAsync(() => run.Summary().Requests > 20);

        await own.RestartAsync(StopMode.Immediate);

        long atRestart = run.Summary() is var summary ? summary.Requests - summary.Failed : 0;
        await UntilAsync(() => run.Summary() is var now && now.Requests - now.Failed > atRestart + 20);
        await run.StopAsync();
        run.Summary().Failed.ShouldBeGreaterThan(0);
    }

    private static Func<NpgsqlConnection, Random, CancellationToken, Task> Reading(string sql) =>
        async (connection, _, cancellationToken) =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        };

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(10, patience.Token);
    }

    public sealed class Server : IAsyncLifetime
    {
        private PostgresServer? _server;

        public static Task<PostgresServer> StartAsync() =>
            PostgresServer.StartAsync(
                new PostgresServerOptions
                {
                    Major = 17,
                    Settings = new Dictionary<string, string> { ["fsync"] = "off" },
                }
            );

        public Task<string> CreateDatabaseAsync(string name) => _server!.CreateDatabaseAsync(name);

        public async Task InitializeAsync() => _server = await StartAsync();

        public Task DisposeAsync() => _server!.DisposeAsync().AsTask();
    }
}

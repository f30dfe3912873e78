using Npgsql;
using Segue.Lab.Network;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;

namespace Segue.Bench;

/// <summary>
/// The backfill over networks of different length, on an idle server and beside an app: the same table, the same
/// change, a proxy in between that takes its time.
/// </summary>
internal static class NetworkBench
{
    private const double AppRate = 400;
    private static readonly int[] RoundTrips = [0, 20, 100];

    private sealed record Result(int RoundTrip, bool BesideApp, double RowsPerSecond);

    public static async Task RunAsync(long rows, CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        List<Result> results = [];
        foreach (bool besideApp in new[] { false, true })
        {
            foreach (int roundTrip in RoundTrips)
            {
                results.Add(await MeasureAsync(server, rows, roundTrip, besideApp, cancel));
                Console.Error.WriteLine(results[^1]);
            }
        }

        Console.WriteLine(
            $"PostgreSQL {server.Version}, {rows:N0} orders, {Environment.ProcessorCount} cores. The app: "
                + $"{AppRate:0} requests/s without a delay."
        );
        Console.WriteLine();
        Console.WriteLine("| round trip | idle, rows/s | against 0 ms | beside an app, rows/s | against 0 ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (int roundTrip in RoundTrips)
        {
            double idle = Of(roundTrip, besideApp: false);
            double busy = Of(roundTrip, besideApp: true);
            Console.WriteLine(
                $"| {roundTrip} ms | {idle:N0} | {idle / Of(0, besideApp: false):0.00} | {busy:N0} | "
                    + $"{busy / Of(0, besideApp: true):0.00} |"
            );
        }

        double Of(int roundTrip, bool besideApp) =>
            results.Single(result => result.RoundTrip == roundTrip && result.BesideApp == besideApp).RowsPerSecond;
    }

    private static async Task<Result> MeasureAsync(
        PostgresServer server,
        long rows,
        int roundTrip,
        bool besideApp,
        CancellationToken cancel
    )
    {
        string name = $"shop_{roundTrip}_{(besideApp ? "busy" : "idle")}";
        string connectionString = await server.CreateDatabaseAsync(name, cancel);
        OrdersWorkload shop = new()
        {
            ConnectionString = connectionString,
            Orders = (int)rows,
            LogWrites = false,
        };
        await shop.CreateAsync(cancel);
        await new SampleTable(connectionString).ExecuteAsync("CHECKPOINT", cancel);
        await using NetworkProxy network = new(connectionString, TimeSpan.FromMilliseconds(roundTrip));
        await using TrafficRun? traffic = besideApp
            ? await TrafficRun.StartAsync([shop.OldApp(AppRate)], cancellationToken: cancel)
            : null;
        TimeSpan took = await SegueFill.RunAsync(network.ConnectionString, SegueFill.ShopChange, cancel);
        if (traffic is not null)
        {
            await traffic.StopAsync();
        }

        NpgsqlConnection.ClearAllPools();
        return new Result(roundTrip, besideApp, rows / took.TotalSeconds);
    }
}

using System.Text;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Ledger;
using Segue.PostgreSql;

namespace Segue.Bench;

/// <summary>An app at half of what the server can do, without and with a change under way.</summary>
internal static class LoadBench
{
    private static readonly TimeSpan Baseline = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(long rows, CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        string connectionString = await server.CreateDatabaseAsync("shop", cancel);
        OrdersWorkload shop = new() { ConnectionString = connectionString, Orders = (int)rows, LogWrites = false };
        await shop.CreateAsync(cancel);
        double capacity = await CapacityAsync(shop, cancel);
        double rate = capacity / 2;
        await using TrafficRun traffic = await TrafficRun.StartAsync([shop.OldApp(rate)], cancellationToken: cancel);
        await Task.Delay(TimeSpan.FromSeconds(3), cancel);
        traffic.Mark("baseline");
        await Task.Delay(Baseline, cancel);
        await ChangeAsync(shop, traffic, rate, cancel);
        traffic.Mark("after");
        await Task.Delay(TimeSpan.FromSeconds(5), cancel);
        await traffic.StopAsync();
        Print(server.Version, rows, capacity, rate, traffic);
    }

    /// <summary>Requests a second that are still answered as fast as they are offered.</summary>
    private static async Task<double> CapacityAsync(OrdersWorkload shop, CancellationToken cancel)
    {
        double carried = 0;
        for (double offered = 250; offered <= 16_000; offered *= 1.4)
        {
            await using TrafficRun traffic = await TrafficRun.StartAsync([shop.OldApp(offered)], cancellationToken: cancel);
            await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            traffic.Mark("measured");
            await Task.Delay(TimeSpan.FromSeconds(4), cancel);
            traffic.Mark("end");
            TrafficPeriod measured = traffic.Periods().Single(period => period.Name == "measured");
            await traffic.StopAsync();
            double rate = measured.Summary.Requests / (measured.To - measured.From).TotalSeconds;
            Console.Error.WriteLine($"offered {offered:0}/s: answered {rate:0}/s, p99 {measured.Summary.P99.TotalMilliseconds:0.0} ms");
            if (rate < offered * 0.95 || measured.Summary.P99 > TimeSpan.FromMilliseconds(250))
            {
                break;
            }

            carried = rate;
        }

        return carried;
    }

    private static async Task ChangeAsync(OrdersWorkload shop, TrafficRun traffic, double rate, CancellationToken cancel)
    {
        await using PostgresEngine engine = new(shop.ConnectionString);
        Runner runner = new(engine, new RunOptions { Runner = "bench" }, Observe, TimeProvider.System);
        ApplyRequest request = new() { Origin = new ChangeOrigin(null, null, null) };
        RunOutcome applied = await runner.ApplyAsync(SegueFill.ShopChange, new Engines.PlanOptions(), request, cancel);
        if (applied is not RunOutcome.WaitingAtGate)
        {
            throw new InvalidOperationException(applied.ToString());
        }

        // A rolling deploy: the new version joins, then the old one goes.
        traffic.Mark("deploy");
        await traffic.AddAsync(shop.NewApp(rate / 2), cancel);
        await traffic.RemoveAsync(OrdersWorkload.OldAppName);
        RunOutcome completed = await runner.CompleteAsync(SegueFill.ShopChange.Name, cancel);
        if (completed is not RunOutcome.Completed)
        {
            throw new InvalidOperationException(completed.ToString());
        }

        void Observe(RunEvent happened)
        {
            if (happened is RunEvent.StageStarted stage)
            {
                traffic.Mark(stage.Stage);
            }
        }
    }

    private static void Print(string version, long rows, double capacity, double rate, TrafficRun traffic)
    {
        StringBuilder text = new();
        text.AppendLine($"PostgreSQL {version}, {rows:N0} orders, {Environment.ProcessorCount} cores. The server carries {capacity:N0} requests/s of this app; {rate:N0}/s are offered. Default pacing.");
        text.AppendLine();
        text.AppendLine("| period | seconds | requests | failed | p50 ms | p99 ms | max ms |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (TrafficPeriod period in traffic.Periods())
        {
            TrafficSummary sum = period.Summary;
            text.AppendLine($"| {period.Name} | {(period.To - period.From).TotalSeconds:0.0} | {sum.Requests:N0} | {sum.Failed} | {sum.P50.TotalMilliseconds:0.0} | {sum.P99.TotalMilliseconds:0.0} | {sum.Max.TotalMilliseconds:0.0} |");
        }

        Console.WriteLine(text);
    }
}

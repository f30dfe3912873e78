using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Ledger;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Projects;
using Segue.Running;

namespace Segue.Bench;

/// <summary>An app at half of what the server can do, without and with a change under way.</summary>
internal static class LoadBench
{
    /// <summary>About as long as the change takes, so that the slowest requests of both are comparable.</summary>
    private static readonly TimeSpan Baseline = TimeSpan.FromSeconds(50);

    /// <summary>A rate is carried if it is in each of several tries: a single one is luck near the limit.</summary>
    private const int Tries = 3;

    private static readonly TrafficOptions Finely = new() { Slice = LoadTable.Slice };

    /// <summary>A baseline above this is no baseline: the server is saturated, or others use the machine.</summary>
    private static readonly TimeSpan SaneBaseline = TimeSpan.FromMilliseconds(50);

    /// <param name="offered">Requests a second; null for half of what the server is measured to carry.</param>
    public static async Task RunAsync(long rows, double? offered, CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        string connectionString = await server.CreateDatabaseAsync("shop", cancel);
        OrdersWorkload shop = new()
        {
            ConnectionString = connectionString,
            Orders = (int)rows,
            LogWrites = false,
        };
        await shop.CreateAsync(cancel);
        await WarmUpAsync(server, cancel);

        // What the making of the tables left to be written is written before anybody measures.
        await server.ExecuteAsync("CHECKPOINT", cancel);
        double rate = offered ?? await CapacityAsync(shop, cancel) / 2;
        await using TrafficRun traffic = await TrafficRun.StartAsync([shop.OldApp(rate)], Finely, cancel);
        await using WaitSampler waits = new(connectionString, traffic);
        LoadTable table = new(traffic, waits);
        await Task.Delay(TimeSpan.FromSeconds(5), cancel);
        table.Enter("baseline");
        await Task.Delay(Baseline, cancel);
        TrafficSummary before = traffic.Summary(traffic.Elapsed - Baseline, traffic.Elapsed);
        if (before.P99 > SaneBaseline)
        {
            throw new InvalidOperationException(
                $"p99 without a change is {before.P99.TotalMilliseconds:0.0} ms at half load: the machine "
                    + "is not quiet. Nothing was measured."
            );
        }

        await RollOutAloneAsync(shop, traffic, table, rate, cancel);
        await ChangeAsync(shop, traffic, table, rate, cancel);
        table.Enter("after");
        await Task.Delay(TimeSpan.FromSeconds(5), cancel);
        await traffic.StopAsync();
        Console.WriteLine(
            $"PostgreSQL {server.Version}, {rows:N0} orders, {Environment.ProcessorCount} cores, {rate:N0} "
                + "requests/s offered, default pacing."
        );
        Console.WriteLine();
        Console.WriteLine(table.Render());
    }

    /// <summary>
    /// The whole change once on a small table: what this process compiles at first use is no work of a change, and
    /// competes with the app only
    /// because both, and the server, share the machine.
    /// </summary>
    private static async Task WarmUpAsync(PostgresServer server, CancellationToken cancel)
    {
        OrdersWorkload small = new()
        {
            ConnectionString = await server.CreateDatabaseAsync("small", cancel),
            Orders = 20_000,
            LogWrites = false,
        };
        await small.CreateAsync(cancel);
        await using TrafficRun traffic = await TrafficRun.StartAsync([small.OldApp(500)], Finely, cancel);
        await using WaitSampler waits = new(small.ConnectionString, traffic);
        await ChangeAsync(small, traffic, new LoadTable(traffic, waits), rate: 500, cancel);
    }

    /// <summary>
    /// What the app's own roll-out costs its requests when no change is under way: connections, first statements, more
    /// load for a moment.
    /// </summary>
    private static async Task RollOutAloneAsync(
        OrdersWorkload shop,
        TrafficRun traffic,
        LoadTable table,
        double rate,
        CancellationToken cancel
    )
    {
        const string another = "another version";
        table.Enter(LoadTable.RollOutAlone);
        await traffic.AddAsync(shop.OldApp(rate / 2) with { Name = another }, cancel);
        await traffic.RemoveAsync(another);
        await Task.Delay(TimeSpan.FromSeconds(2), cancel);
    }

    /// <summary>Requests a second that are still answered as fast as they are offered, and soon.</summary>
    private static async Task<double> CapacityAsync(OrdersWorkload shop, CancellationToken cancel)
    {
        double carried = 0;
        for (double offered = 1000; offered <= 16_000; offered *= 1.4)
        {
            for (int tries = 0; tries < Tries; tries++)
            {
                if (!await IsCarriedAsync(shop, offered, cancel))
                {
                    return carried > 0
                        ? carried
                        : throw new InvalidOperationException(
                            "Not even 1,000 requests/s are answered soon: the machine is not quiet. "
                                + "Nothing was measured."
                        );
                }
            }

            carried = offered;
        }

        return carried;
    }

    private static async Task<bool> IsCarriedAsync(OrdersWorkload shop, double offered, CancellationToken cancel)
    {
        await using TrafficRun traffic = await TrafficRun.StartAsync([shop.OldApp(offered)], cancellationToken: cancel);
        await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        traffic.Mark("measured");
        await Task.Delay(TimeSpan.FromSeconds(3), cancel);
        traffic.Mark("end");
        TrafficPeriod measured = traffic.Periods().Single(period => period.Name == "measured");
        await traffic.StopAsync();
        double rate = measured.Summary.Requests / (measured.To - measured.From).TotalSeconds;
        Console.Error.WriteLine(
            $"offered {offered:0}/s: answered {rate:0}/s, p99 {measured.Summary.P99.TotalMilliseconds:0.0} ms"
        );
        return rate >= offered * 0.97 && measured.Summary.P99 <= SaneBaseline;
    }

    private static async Task ChangeAsync(
        OrdersWorkload shop,
        TrafficRun traffic,
        LoadTable table,
        double rate,
        CancellationToken cancel
    )
    {
        table.Enter("plan and ledger");
        await using SegueTarget target = SegueFill.Target(shop.ConnectionString);
        RunEvents events = new(Observe);
        PlannedChange shown = (await target.PlanAsync(SegueFill.ShopChange, cancel)).OrThrow();
        RunOutcome applied = await target.ApplyAsync(shown, events: events, cancel: cancel);
        if (applied is not RunOutcome.WaitingAtGate)
        {
            throw new InvalidOperationException(applied.ToString());
        }

        // A rolling deploy: the new version joins, then the old one goes.
        table.Enter("deploy");
        await traffic.AddAsync(shop.NewApp(rate / 2), cancel);
        await traffic.RemoveAsync(OrdersWorkload.OldAppName);
        await Task.Delay(TimeSpan.FromSeconds(2), cancel);
        RunOutcome completed = await target.CompleteAsync(
            SegueFill.ShopChange.Name,
            new CompleteRequest { QuietFor = TimeSpan.FromSeconds(1) },
            events: events,
            cancel: cancel
        );
        if (completed is not RunOutcome.Completed)
        {
            throw new InvalidOperationException(completed.ToString());
        }

        void Observe(RunEvent happened)
        {
            switch (happened)
            {
                case RunEvent.StageStarted stage:
                    table.Enter(stage.Stage);
                    break;
                case RunEvent.StepStarted started:
                    table.EnterStep(started.Step.Title);
                    break;
                case RunEvent.StepEnded ended:
                    table.EndStep(ended.LockWait, ended.LockHold);
                    break;
            }
        }
    }
}

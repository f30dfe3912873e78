using System.Collections.Concurrent;
using Npgsql;
using Segue.Lab.Network;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Running;

namespace Segue.Bench;

/// <summary>A fill over a network that meets a spike of load: how fast it is before, during and after it.</summary>
internal static class SpikeBench
{
    private const double AppRate = 400;
    private const int Sessions = 8;
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Spike = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(20);

    // The first seconds find the size of a batch; they are no measure of full speed.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    private sealed record Sample(TimeSpan At, long Rows);

    public static async Task RunAsync(long rows, CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        Console.WriteLine(
            $"PostgreSQL {server.Version}, {rows:N0} orders, {Environment.ProcessorCount} cores, a round trip of "
                + $"{RoundTrip.TotalMilliseconds:0} ms; the spike: {Sessions} sessions that compute for "
                + $"{Spike.TotalSeconds:0} s."
        );
        Console.WriteLine();
        Console.WriteLine(
            "| server | before, rows/s | during | after, per "
                + $"{Window.TotalSeconds:0} s | 90 % of before again after |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (bool besideApp in new[] { false, true })
        {
            Console.WriteLine(Line(besideApp, await MeasureAsync(server, rows, besideApp, cancel)));
        }
    }

    private static async Task<IReadOnlyList<Sample>> MeasureAsync(
        PostgresServer server,
        long rows,
        bool besideApp,
        CancellationToken cancel
    )
    {
        string connectionString = await server.CreateDatabaseAsync(besideApp ? "shop_busy" : "shop_idle", cancel);
        OrdersWorkload shop = new()
        {
            ConnectionString = connectionString,
            Orders = (int)rows,
            LogWrites = false,
        };
        await shop.CreateAsync(cancel);
        await new SampleTable(connectionString).ExecuteAsync("CHECKPOINT", cancel);
        await using NetworkProxy network = new(connectionString, RoundTrip);
        await using TrafficRun? traffic = besideApp
            ? await TrafficRun.StartAsync([shop.OldApp(AppRate)], cancellationToken: cancel)
            : null;

        ConcurrentQueue<Sample> samples = [];
        TaskCompletionSource begun = new();
        long started = 0;
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task fill = SegueFill.RunAsync(network.ConnectionString, SegueFill.ShopChange, enough.Token, Filled);
        await begun.Task.WaitAsync(cancel);
        await Task.Delay(Before, cancel);
        await SpikeAsync(connectionString, cancel);
        await Task.WhenAny(fill, Task.Delay(After, cancel));
        bool ended = fill.IsCompleted;
        await enough.CancelAsync();
        await fill.ContinueWith(
            static _ => { },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default
        );
        if (traffic is not null)
        {
            await traffic.StopAsync();
        }

        NpgsqlConnection.ClearAllPools();
        return ended
            ? throw new InvalidOperationException("The fill ended too early: give it more rows.")
            : [.. samples];

        void Filled(BackfillProgress progress)
        {
            if (begun.TrySetResult())
            {
                started = TimeProvider.System.GetTimestamp();
            }

            samples.Enqueue(new Sample(TimeProvider.System.GetElapsedTime(started), progress.Rows));
        }
    }

    private static async Task SpikeAsync(string connectionString, CancellationToken cancel)
    {
        // A deadline of the server ends each, whatever the load.
        await using NpgsqlDataSource spike = NpgsqlDataSource.Create(connectionString);
        await Task.WhenAll(
            Enumerable
                .Range(0, Sessions)
                .Select(async _ =>
                {
                    await using NpgsqlConnection connection = await spike.OpenConnectionAsync(cancel);
                    await using NpgsqlCommand compute = new(
                        $"""
                        SET max_parallel_workers_per_gather = 0;
                        SET statement_timeout = {Spike.TotalMilliseconds:0};
                        SELECT sum(sqrt(n)) FROM (SELECT generate_series(1::bigint, 100000000000) AS n) AS numbers
                        """,
                        connection
                    )
                    {
                        CommandTimeout = 0,
                    };
                    try
                    {
                        await compute.ExecuteNonQueryAsync(cancel);
                    }
                    catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.QueryCanceled) { }
                })
        );
    }

    private static string Line(bool besideApp, IReadOnlyList<Sample> samples)
    {
        double before = Rate(samples, WarmUp, Before);
        TimeSpan end = Before + Spike;
        List<double> after = [];
        for (TimeSpan from = end; from + Window <= end + After; from += Window)
        {
            after.Add(Rate(samples, from, from + Window));
        }

        int back = after.FindIndex(rate => rate >= 0.9 * before);
        string recovered = back < 0 ? "not seen" : $"within {(back + 1) * Window.TotalSeconds:0} s";
        return $"| {(besideApp ? $"an app, {AppRate:0} requests/s" : "idle")} | {before:N0} | "
            + $"{Rate(samples, Before, end):N0} | "
            + $"{string.Join(", ", after.Select(rate => rate.ToString("N0")))} | {recovered} |";
    }

    private static double Rate(IReadOnlyList<Sample> samples, TimeSpan from, TimeSpan to) =>
        (RowsAt(samples, to) - RowsAt(samples, from)) / (to - from).TotalSeconds;

    // Rows are reported by group: between two reports they are spread evenly.
    private static double RowsAt(IReadOnlyList<Sample> samples, TimeSpan at)
    {
        Sample last = samples.Last(sample => sample.At <= at || sample == samples[0]);
        Sample? next = samples.FirstOrDefault(sample => sample.At > at);
        return next is null
            ? last.Rows
            : last.Rows + ((next.Rows - last.Rows) * ((at - last.At) / (next.At - last.At)));
    }
}

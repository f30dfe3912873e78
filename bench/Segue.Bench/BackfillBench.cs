using Npgsql;
using Segue.Lab.Servers;
using Segue.Planning;

namespace Segue.Bench;

/// <summary>
/// Segue's backfill against one UPDATE of the whole table, and against a per-row trigger fired in batches of 1000 rows.
/// </summary>
internal static class BackfillBench
{
    private sealed record Contestant(
        string Name,
        Func<SampleTable, PostgresServer, CancellationToken, Task<TimeSpan>> Run
    );

    private sealed record Result(string Name, double RowsPerSecond, double Wal, double HeapGrowth, double IndexGrowth);

    public static async Task RunAsync(long rows, int rounds, CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        string connectionString = await server.CreateDatabaseAsync("bench", cancel);
        SampleTable table = new(connectionString);
        Contestant[] contestants =
        [
            new("one UPDATE of the whole table", SingleUpdateAsync),
            new("per-row trigger, 1000 rows a batch", TriggerAsync),
            new("Segue", SegueAsync),
        ];
        List<Result> results = [];
        for (int round = 0; round < rounds; round++)
        {
            foreach (Contestant contestant in contestants)
            {
                results.Add(await MeasureAsync(contestant, table, server, rows, cancel));
                Console.Error.WriteLine(results[^1]);
            }
        }

        Print(server.Version, rows, rounds, contestants, results);

        async Task<TimeSpan> SegueAsync(SampleTable sample, PostgresServer on, CancellationToken token) =>
            await SegueFill.RunAsync(connectionString, token);

        async Task<TimeSpan> TriggerAsync(SampleTable sample, PostgresServer on, CancellationToken token)
        {
            await sample.AddColumnAndTriggerAsync("WHEN (NEW.currency IS NULL)", token);
            return await TriggerFill.RunAsync(connectionString, token);
        }
    }

    private static async Task<TimeSpan> SingleUpdateAsync(
        SampleTable table,
        PostgresServer server,
        CancellationToken cancel
    )
    {
        await table.AddColumnAndTriggerAsync("WHEN (NEW.currency IS NULL)", cancel);
        long started = TimeProvider.System.GetTimestamp();
        await table.ExecuteAsync($"UPDATE orders SET currency = {SampleTable.Expression}", cancel);
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static async Task<Result> MeasureAsync(
        Contestant contestant,
        SampleTable table,
        PostgresServer server,
        long rows,
        CancellationToken cancel
    )
    {
        await table.CreateAsync(rows, cancel);
        long heap = await table.HeapAsync(cancel);
        long indexes = await table.IndexesAsync(cancel);
        long wal = await table.WalAsync(cancel);
        TimeSpan took = await contestant.Run(table, server, cancel);
        long written = await table.WalAsync(cancel) - wal;
        if (await table.WrongAsync(cancel) is var wrong and > 0)
        {
            throw new InvalidOperationException($"{contestant.Name} left {wrong} rows wrong.");
        }

        return new Result(
            contestant.Name,
            rows / took.TotalSeconds,
            written / 1024.0 / 1024,
            (double)await table.HeapAsync(cancel) / heap,
            (double)await table.IndexesAsync(cancel) / indexes
        );
    }

    private static void Print(
        string version,
        long rows,
        int rounds,
        IReadOnlyList<Contestant> contestants,
        IReadOnlyList<Result> results
    )
    {
        Console.WriteLine(
            $"PostgreSQL {version}, {rows:N0} rows, {Environment.ProcessorCount} cores, median of {rounds} "
                + "rounds; ratios are of the same round."
        );
        Console.WriteLine();
        Console.WriteLine(
            "| method | rows/s | against one UPDATE | WAL MB | against one UPDATE | table grows | indexes grow |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        Result[] single = [.. results.Where(result => result.Name == contestants[0].Name)];
        foreach (Contestant contestant in contestants)
        {
            Result[] own = [.. results.Where(result => result.Name == contestant.Name)];
            double speed = Median(own.Zip(single, (a, b) => a.RowsPerSecond / b.RowsPerSecond));
            double wal = Median(own.Zip(single, (a, b) => a.Wal / b.Wal));
            Console.WriteLine(
                $"| {contestant.Name} | {Median(own.Select(result => result.RowsPerSecond)):N0} | "
                    + $"{speed:0.00} x | {Median(own.Select(result => result.Wal)):N0} | {wal:0.00} x "
                    + $"| {Median(own.Select(result => result.HeapGrowth)):0.00} x | "
                    + $"{Median(own.Select(result => result.IndexGrowth)):0.00} x |"
            );
        }

        Result[] segue = [.. results.Where(result => result.Name == "Segue")];
        Result[] trigger = [.. results.Where(result => result.Name == contestants[1].Name)];
        Console.WriteLine();
        Console.WriteLine(
            "Segue against the per-row trigger: "
                + $"{Median(segue.Zip(trigger, (a, b) => a.RowsPerSecond / b.RowsPerSecond)):0.00} x the rows/s."
        );
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}

using System.Diagnostics;
using Segue.Lab.Servers;

namespace Segue.Bench;

/// <summary>Segue's own memory while it fills 1 and 10 million rows, each in a process of its own.</summary>
internal static class MemoryBench
{
    public static async Task RunAsync(CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        string connectionString = await server.CreateDatabaseAsync("bench", cancel);
        Console.WriteLine($"PostgreSQL {server.Version}. Peak resident memory of the process that applies the change.");
        Console.WriteLine();
        Console.WriteLine("| rows | peak memory MB |");
        Console.WriteLine("| --- | --- |");
        foreach (long rows in new[] { 1_000_000L, 10_000_000L })
        {
            await new SampleTable(connectionString).CreateAsync(rows, cancel);
            Console.WriteLine($"| {rows:N0} | {await PeakAsync(connectionString, cancel):N0} |");
        }
    }

    /// <summary>What the child does: one fill, then its own peak on standard output.</summary>
    public static async Task FillAsync(CancellationToken cancel)
    {
        await SegueFill.RunAsync(Environment.GetEnvironmentVariable("SEGUE_DATABASE")!, cancel);
        using Process self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64);
    }

    private static async Task<double> PeakAsync(string connectionString, CancellationToken cancel)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(MemoryBench).Assembly.Location);
        }

        start.ArgumentList.Add("fill");
        start.Environment["SEGUE_DATABASE"] = connectionString;
        using Process child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync(cancel);
        await child.WaitForExitAsync(cancel);
        return long.Parse(output.Trim()) / 1024.0 / 1024;
    }
}

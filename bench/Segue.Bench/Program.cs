using Segue.Bench;

// Side-by-side benchmarks on a real server started for the purpose: `dotnet run -c Release --project bench/Segue.Bench
// -- NAME [ROWS]`.
string name = args.Length > 0 ? args[0] : "";
long rows = args.Length > 1 ? long.Parse(args[1]) : 2_000_000;
Func<CancellationToken, Task>? bench = name switch
{
    "backfill" => cancel => BackfillBench.RunAsync(rows, rounds: args.Length > 2 ? int.Parse(args[2]) : 3, cancel),
    "network" => cancel => NetworkBench.RunAsync(args.Length > 1 ? rows : 500_000, cancel),
    "spike" => cancel => SpikeBench.RunAsync(args.Length > 1 ? rows : 6_000_000, cancel),
    "writes" => WritesBench.RunAsync,
    "wide" => WideBench.RunAsync,
    "load" => cancel => LoadBench.RunAsync(rows, offered: args.Length > 2 ? double.Parse(args[2]) : null, cancel),
    "plan" => PlanBench.RunAsync,
    "memory" => MemoryBench.RunAsync,
    "fill" => MemoryBench.FillAsync,
    _ => null,
};
if (bench is null)
{
    Console.Error.WriteLine(
        "usage: Segue.Bench backfill [ROWS [ROUNDS]] | network [ROWS] | spike [ROWS] | wide | writes | load [ROWS "
            + "[RATE]] | plan | memory"
    );
    return 2;
}

using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
await bench(stop.Token);
return 0;

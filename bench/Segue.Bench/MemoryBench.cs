namespace Segue.Bench;

internal static class MemoryBench
{
    public static Task RunAsync(CancellationToken cancel) => Task.CompletedTask;
}

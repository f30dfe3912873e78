namespace Segue.Bench;

internal static class LoadBench
{
    public static Task RunAsync(long rows, CancellationToken cancel) => Task.CompletedTask;
}

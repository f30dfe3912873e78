namespace Segue.Bench;

internal static class PlanBench
{
    public static Task RunAsync(CancellationToken cancel) => Task.CompletedTask;
}

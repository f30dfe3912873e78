using Segue.Execution;
using Segue.Testing;

namespace Segue.Availability.Support;

/// <summary>Asks again and again until it is so.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    public static Task TrueAsync(Func<bool> condition, string what, Task<RunOutcome>? meanwhile = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, meanwhile);

    /// <param name="meanwhile">A run during which it must come to this.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, Task<RunOutcome>? meanwhile = null)
    {
        DateTime deadline = DateTime.UtcNow + Patience;
        while (!await condition())
        {
            if (meanwhile is { IsCompleted: true })
            {
                throw new InvalidOperationException(
                    $"The run ended before it came to this: {what}. {Outcomes.Words(await meanwhile)}"
                );
            }

            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"It did not come to this in {Patience.TotalSeconds} s: {what}.");
            }

            await Task.Delay(10);
        }
    }
}

namespace Segue.Testing;

/// <summary>Waits for what must come true, and fails when it does not in time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    /// <param name="what">What is waited for, in words, for the message.</param>
    /// <param name="patience">Default: 180 s, far more than it should take.</param>
    public static async Task TrueAsync(string what, Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > (patience ?? Patience))
            {
                throw new TimeoutException($"It did not come true in time: {what}");
            }

            await Task.Delay(Poll);
        }
    }

    public static Task TrueAsync(string what, Func<bool> condition, TimeSpan? patience = null) =>
        TrueAsync(what, () => Task.FromResult(condition()), patience);
}

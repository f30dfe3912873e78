namespace Segue.Running;

/// <summary>
/// A question that is asked from time to time beside the work. While the last answer is recent the work does not wait
/// for the next one: an answer takes a round trip or more, and a network can be slow.
/// </summary>
internal sealed class Lookout<T>(Func<CancellationToken, Task<T>> ask, TimeSpan every, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>An answer is valid for so many times the interval; then the work waits for the next one.</summary>
    private const int GoodFor = 3;

    private Task<T>? _asking;
    private T _latest = default!;
    private long? _answeredAt;

    public async ValueTask<T> LatestAsync(CancellationToken cancel)
    {
        if (_answeredAt is { } at && time.GetElapsedTime(at) < every)
        {
            return _latest;
        }

        _asking ??= ask(cancel);
        if (!_asking.IsCompleted && _answeredAt is { } last && time.GetElapsedTime(last) < every * GoodFor)
        {
            return _latest;
        }

        try
        {
            _latest = await _asking;
            _answeredAt = time.GetTimestamp();
            return _latest;
        }
        finally
        {
            _asking = null;
        }
    }

    /// <summary>The last answer is outdated, after a pause for instance: the work waits for a new one.</summary>
    public async Task ForgetAsync()
    {
        _answeredAt = null;
        await DisposeAsync();
    }

    /// <summary>
    /// Leaves nothing running; an error of a question whose answer is not needed any more is ignored.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_asking is { } asking)
        {
            _asking = null;
            await asking.ContinueWith(
                _ => { },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
    }
}

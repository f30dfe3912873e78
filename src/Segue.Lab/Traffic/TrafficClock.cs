namespace Segue.Lab.Traffic;

/// <summary>
/// Time since the start of the traffic, without the time in which this process was frozen: that cannot be measured, so
/// it is not latency.
/// </summary>
internal sealed class TrafficClock : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    // A process that only lacks processor time gets some at least this often.
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _ticking;
    private TimeSpan _last;
    private TimeSpan _frozen;

    public TrafficClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _ticking = time.CreateTimer(_ => _ = Now, null, Tick, Tick);
    }

    public TimeSpan Now
    {
        get
        {
            lock (_lock)
            {
                TimeSpan now = _time.GetElapsedTime(_start);
                if (now - _last > Freeze)
                    _frozen += now - _last;
                _last = now;
                return now - _frozen;
            }
        }
    }

    public TimeSpan Frozen
    {
        get
        {
            lock (_lock)
                return _frozen;
        }
    }

    /// <summary>Waits until the given time or until the token is cancelled.</summary>
    public async Task UntilAsync(TimeSpan due, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && due - Now is { Ticks: > 0 } left)
        {
            // Timers count whole milliseconds and would round down to a busy loop.
            var delay = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _ticking.Dispose();
}

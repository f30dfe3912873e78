namespace Segue.Lab.Traffic;

/// <summary>
/// When the requests of one kind are due: evenly spaced, however long earlier ones take (an open loop).
/// </summary>
internal sealed class Schedule(TimeSpan first, double rate)
{
    private readonly Lock _lock = new();
    private TimeSpan _next = first;
    private TimeSpan _interval = Interval(rate);
    private TimeSpan _end = TimeSpan.MaxValue;

    /// <summary>Takes the next request.</summary>
    /// <returns>When it is due, or null when the schedule has ended.</returns>
    public TimeSpan? Take()
    {
        lock (_lock)
        {
            if (_next > _end)
                return null;
            TimeSpan due = _next;
            _next += _interval;
            return due;
        }
    }

    public bool HasEndedBefore(TimeSpan due)
    {
        lock (_lock)
            return due > _end;
    }

    public void SetRate(double rate, TimeSpan now)
    {
        TimeSpan interval = Interval(rate);
        lock (_lock)
        {
            _interval = interval;
            if (_next > now + interval)
                _next = now + interval;
        }
    }

    public void End(TimeSpan now)
    {
        lock (_lock)
            _end = now;
    }

    private static TimeSpan Interval(double rate) =>
        rate > 0
            ? TimeSpan.FromSeconds(1 / rate)
            : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A rate is above 0.");
}

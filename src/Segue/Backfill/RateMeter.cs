namespace Segue.Backfill;

/// <summary>
/// Rows a second over the last ten seconds of this run, pauses included. After a longer pause the rate from before it
/// holds until there is a new one: a first batch alone would promise the speed of a fill that never rests.
/// </summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    private readonly Queue<(long At, long Rows)> _batches = new();
    private long _start;
    private long _ended;
    private long _rows;
    private double _rate;
    private double? _before;

    public double RowsPerSecond
    {
        get
        {
            if (!_batches.TryPeek(out (long At, long Rows) oldest))
            {
                return 0;
            }

            TimeSpan running = time.GetElapsedTime(_start);
            if (_before is { } before && running < Settling)
            {
                return before;
            }

            TimeSpan counted = running < Window ? running : Window;
            TimeSpan kept = time.GetElapsedTime(oldest.At);
            TimeSpan span = kept > counted ? kept : counted;
            return span > TimeSpan.Zero ? _rows / span.TotalSeconds : 0;
        }
    }

    /// <param name="began">The timestamp at which the batch began.</param>
    public void Add(long began, long rows)
    {
        if (_batches.Count == 0)
        {
            _start = began;
        }
        else if (time.GetElapsedTime(_ended, began) > Window)
        {
            (_before, _start, _rows) = (_rate, began, 0);
            _batches.Clear();
        }

        _batches.Enqueue((began, rows));
        _rows += rows;
        while (_batches.Count > 1 && time.GetElapsedTime(_batches.Peek().At) > Window)
        {
            _rows -= _batches.Dequeue().Rows;
        }

        _ended = time.GetTimestamp();
        _rate = RowsPerSecond;
    }
}

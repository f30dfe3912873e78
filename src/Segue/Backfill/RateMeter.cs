namespace Segue.Backfill;

/// <summary>Rows a second over the last ten seconds of this run, pauses included.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Queue<(long At, long Rows)> _batches = new();
    private readonly long _start = time.GetTimestamp();
    private long _rows;

    public double RowsPerSecond
    {
        get
        {
            TimeSpan span = time.GetElapsedTime(_batches.TryPeek(out (long At, long Rows) oldest) ? oldest.At : _start);
            return span > TimeSpan.Zero ? _rows / span.TotalSeconds : 0;
        }
    }

    /// <param name="began">The timestamp at which the batch began.</param>
    public void Add(long began, long rows)
    {
        _batches.Enqueue((began, rows));
        _rows += rows;
        while (_batches.Count > 1 && time.GetElapsedTime(_batches.Peek().At) > Window)
        {
            _rows -= _batches.Dequeue().Rows;
        }
    }
}

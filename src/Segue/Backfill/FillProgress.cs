using Segue.Engines;
using Segue.Planning;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>Tells how far a table is, now and then.</summary>
internal sealed class FillProgress(RunContext run, BackfillTarget target)
{
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMilliseconds(200);

    private readonly RateMeter _rate = new(run.Time);
    private long? _toldAt;

    public double RowsPerSecond => _rate.RowsPerSecond;

    /// <param name="began">The timestamp at which the batches began.</param>
    public void Add(long began, long rows) => _rate.Add(began, rows);

    /// <param name="batch">How long the last batch took.</param>
    /// <param name="blocks">How many blocks the next group may have.</param>
    public void Tell(BackfillCursor cursor, TimeSpan batch, long blocks, bool always = false)
    {
        if (!always && _toldAt is { } last && run.Time.GetElapsedTime(last) < ToldEvery)
        {
            return;
        }

        _toldAt = run.Time.GetTimestamp();
        double rate = _rate.RowsPerSecond;
        double left = cursor.End == 0 ? 0 : (double)(cursor.End - cursor.Next) / cursor.End * cursor.RowsTotal;
        run.Emit(
            new RunEvent.Filled(
                new BackfillProgress
                {
                    Relation = target.Relation,
                    Rows = cursor.Rows,
                    RowsTotal = cursor.RowsTotal,
                    BlocksDone = cursor.Next,
                    BlocksTotal = cursor.End,
                    BlocksSkipped = cursor.Skipped.Sum(range => range.Blocks),
                    RowsPerSecond = rate,
                    Eta = rate > 0 ? TimeSpan.FromSeconds(left / rate) : null,
                    LastBatch = batch,
                    BlocksPerGroup = blocks,
                }
            )
        );
    }
}

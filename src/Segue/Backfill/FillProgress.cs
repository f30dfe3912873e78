using Segue.Engines;
using Segue.Planning;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>Reports the progress of a table from time to time.</summary>
internal sealed class FillProgress(RunContext run, BackfillTarget target)
{
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMilliseconds(200);

    private readonly RateMeter _rate = new(run.Time);
    private long? _toldAt;

    public double RowsPerSecond => _rate.RowsPerSecond;

    /// <param name="began">Timestamp of the start of the batches.</param>
    public void Add(long began, long rows) => _rate.Add(began, rows);

    /// <param name="batch">How long the last batch took.</param>
    /// <param name="units">How large the next group may be.</param>
    public void Tell(BackfillCursor cursor, TimeSpan batch, long units, bool always = false)
    {
        if (!always && _toldAt is { } last && run.Time.GetElapsedTime(last) < ToldEvery)
        {
            return;
        }

        _toldAt = run.Time.GetTimestamp();
        double rate = _rate.RowsPerSecond;
        double left = (double)cursor.Remaining.Units / Math.Max(1, cursor.UnitsTotal) * cursor.RowsTotal;
        run.Emit(
            new RunEvent.Filled(
                new BackfillProgress
                {
                    Relation = target.Relation,
                    Rows = cursor.Rows,
                    RowsTotal = cursor.RowsTotal,
                    UnitsDone = cursor.UnitsDone,
                    UnitsTotal = cursor.UnitsTotal,
                    UnitsSkipped = cursor.UnitsSkipped,
                    RowsPerSecond = rate,
                    Eta = rate > 0 ? TimeSpan.FromSeconds(left / rate) : null,
                    LastBatch = batch,
                    UnitsPerGroup = units,
                }
            )
        );
    }
}

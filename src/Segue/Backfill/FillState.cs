using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Backfill;

/// <summary>
/// State that the parts of one table's fill share. Whatever must survive is in the cursor, which commits with each
/// batch.
/// </summary>
internal sealed class FillState(RunContext run, Throttle throttle, BackfillStep step, BackfillTarget target)
{
    public RunContext Run { get; } = run;

    public Throttle Throttle { get; } = throttle;

    public BackfillTarget Target { get; } = target;

    public BackfillKey Key { get; } = new(run.Plan.Change, step.Id, target.Relation);

    public FillProgress Progress { get; } = new(run, target);

    /// <summary>Set once the table is measured.</summary>
    public BatchSizer Sizer { get; set; } = null!;

    /// <summary>Set once the table is measured.</summary>
    public double RowsPerUnit { get; set; }

    /// <summary>Set when the fill begins.</summary>
    public BackfillCursor Cursor { get; set; } = null!;

    public TimeSpan BatchTarget => TimeSpan.FromMilliseconds(Run.Plan.Limits.BatchTargetMs);

    public async Task LoadAsync(CancellationToken cancel) =>
        Cursor = await Run.Execution.Batches.CursorAsync(Key, cancel) ?? await RestartAsync(cancel);

    /// <summary>Begins at the first row, with the rows counted so far.</summary>
    public async Task<BackfillCursor> RestartAsync(CancellationToken cancel)
    {
        BackfillCursor? before = Cursor ?? await Run.Execution.Batches.CursorAsync(Key, cancel);
        TableExtent extent = await Run.Execution.Ranges.MeasureAsync(Target.Relation, cancel);
        BackfillCursor cursor = new()
        {
            Whole = extent.Whole,
            Remaining = extent.Whole,
            Rows = before?.Rows ?? 0,
            RowsTotal = step.IsSweep ? 0 : Math.Max(extent.EstimatedRows, 0),
        };
        await Run.Execution.Batches.SaveAsync(Key, cursor, Run.Lease, cancel);
        return cursor;
    }

    public async Task StartOverAsync(CancellationToken cancel)
    {
        Run.Emit(
            new RunEvent.Note(
                $"Another session rewrote {Target.Relation}; its rows have moved, so the scan starts "
                    + "over. Rows already filled are not written again."
            )
        );
        Cursor = await RestartAsync(cancel);
    }

    public async Task SaveAsync(BackfillCursor cursor, CancellationToken cancel)
    {
        await Run.Execution.Batches.SaveAsync(Key, cursor, Run.Lease, cancel);
        Cursor = cursor;
    }
}

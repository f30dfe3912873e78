using Segue.Engines;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>
/// Rows of one table that raise an error when they are to be filled: told as soon as one is met, and once more at the
/// end.
/// </summary>
internal sealed class RowFailures(RunContext run, BackfillKey key)
{
    /// <summary>
    /// So many are no exception: the expression or the table is wrong, and going on would only take time.
    /// </summary>
    private const long Most = 10_000;

    private long _told;

    public void Tell(FailedRows failed, bool isDone)
    {
        if (failed.Count > _told && (_told == 0 || isDone))
        {
            run.Emit(
                new RunEvent.Note($"{Words(failed)} The fill goes on without {(failed.Count == 1 ? "it" : "them")}.")
            );
            _told = failed.Count;
        }
    }

    /// <summary>Null while there are few.</summary>
    public StepOutcome.Failed? TooMany(FailedRows failed) =>
        failed.Count <= Most
            ? null
            : new StepOutcome.Failed(
                $"{Words(failed)} These are too many for exceptions: the fill was stopped. Correct the "
                    + "rows, or what raises the error, then apply again, which looks at every row anew; "
                    + "or roll back."
            )
            {
                IsLasting = true,
            };

    private string Words(FailedRows failed) =>
        $"{Plain.Count(failed.Count)} {(failed.Count == 1 ? "row" : "rows")} of {key.Relation} cannot be "
        + $"filled: {failed}.";
}

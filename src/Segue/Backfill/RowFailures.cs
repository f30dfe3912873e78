using Segue.Engines;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>Rows of one table whose fill raises an error. Reported at the first one and once more at the end.</summary>
internal sealed class RowFailures(RunContext run, BackfillKey key)
{
    /// <summary>
    /// With so many failures the expression or the table is wrong, and continuing would only take time.
    /// </summary>
    private const long Most = 10_000;

    private long _told;

    public void Tell(FailedRows failed, bool isDone)
    {
        if (failed.Count > _told && (_told == 0 || isDone))
        {
            string them = failed.Count == 1 ? "it" : "them";
            run.Emit(
                new RunEvent.Note(
                    isDone && _told > 0
                        ? $"{Words(failed)} The fill skipped {them}; all other rows are filled."
                        : $"{Words(failed)} The fill skips {them} and continues."
                )
            );
            _told = failed.Count;
        }
    }

    /// <summary>Null while there are few.</summary>
    public StepOutcome.Failed? TooMany(FailedRows failed) =>
        failed.Count <= Most
            ? null
            : new StepOutcome.Failed(
                $"{Words(failed)} These are too many to skip: the fill was stopped. Correct the rows or the cause of "
                    + "the error, then apply again: every row is checked again. Or roll back."
            )
            {
                IsLasting = true,
            };

    private string Words(FailedRows failed) =>
        $"{Plain.Count(failed.Count)} {(failed.Count == 1 ? "row" : "rows")} of {key.Relation} cannot be "
        + $"filled: {failed}.";
}

using Segue.Running;

namespace Segue.Cli.Rendering;

/// <summary>Progress in words, the same in every mode.</summary>
internal static class ProgressWords
{
    /// <summary>
    /// By the ranges that are done, which also hold rows that need nothing; within the group under way, whose ranges
    /// are done all at once at its end, by the rows.
    /// </summary>
    public static double Share(BackfillProgress progress)
    {
        if (progress.UnitsTotal <= 0)
        {
            return 1;
        }

        double least = Math.Clamp((double)progress.UnitsDone / progress.UnitsTotal, 0, 1);
        double most = Math.Clamp((double)(progress.UnitsDone + progress.UnitsPerGroup) / progress.UnitsTotal, least, 1);
        return progress.RowsTotal > 0 ? Math.Clamp((double)progress.Rows / progress.RowsTotal, least, most) : least;
    }

    /// <summary>E.g. <c>860,000 of about 2,000,000 rows</c>.</summary>
    public static string Rows(BackfillProgress progress) =>
        progress.RowsTotal > progress.Rows
            ? $"{Plain.Count(progress.Rows)} of about {Plain.Count(progress.RowsTotal)} rows"
            : $"{Plain.Count(progress.Rows)} rows";

    /// <summary>E.g. <c>118,000 rows/s, 9.7 s left, batch 48 ms</c>.</summary>
    public static string Pace(BackfillProgress progress)
    {
        string?[] parts =
        [
            progress.RowsPerSecond > 0 ? $"{Plain.Count((long)progress.RowsPerSecond)} rows/s" : null,
            progress.Eta is { } eta ? $"{Plain.Duration(eta)} left" : null,
            progress.LastBatch > TimeSpan.Zero ? $"batch {Plain.Duration(progress.LastBatch)}" : null,
            progress.UnitsSkipped > 0 ? $"{Plain.Count(progress.UnitsSkipped)} locked blocks to retry" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    public static string Compared(RunEvent.Verified verified) =>
        $"{Printable.Relation(verified.Relation)}: {Plain.Count(verified.Compared)} rows compared, "
        + $"{(verified.Mismatches == 0 ? "none differ" : $"{Plain.Count(verified.Mismatches)} differ")}";

    /// <summary>The error at the end of the run has the keys and what to do.</summary>
    public static string Found(Ledger.Finding finding) =>
        finding.Mismatches == 0
            ? finding.ToString()
            : $"{finding.Claim}: {Plain.Count(finding.Mismatches)} of {Plain.Count(finding.Compared)} rows violate "
                + "this";

    public static string Online(Engines.OnlineProgress progress)
    {
        string share = progress is { Done: { } done, Total: > 0 and var total } ? $", {100.0 * done / total:0} %" : "";
        string waits = progress.WaitsFor is { } who ? $", waiting for {who}" : "";
        return $"{progress.Phase}{share}{waits}";
    }

    public static string Waiting(IReadOnlyList<Engines.Blocker> blockers) =>
        blockers.Count == 0
            ? "the lock was not free; trying again"
            : $"waiting for a lock without queueing: {string.Join(" ", blockers)}";

    /// <summary>E.g. <c>12 ms; lock waited for 0 ms, held 4 ms</c>.</summary>
    public static string Ended(StepProgress step)
    {
        if (step.Took is not { } took)
        {
            return "already done";
        }

        string locks = step is { LockWait: { } wait, LockHold: { } hold }
            ? $"; lock waited for {Plain.Duration(wait)}, held {Plain.Duration(hold)}"
            : "";
        return $"{Plain.Duration(took)}{locks}";
    }
}

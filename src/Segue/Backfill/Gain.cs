namespace Segue.Backfill;

/// <summary>Whether a smaller batch is quicker.</summary>
internal static class Gain
{
    /// <summary>
    /// True if at least half of the gain is reached that there would be if all the time were work on rows. Otherwise
    /// the batch waited for a core, a disk or a standby: a smaller batch waits as long and fills fewer rows.
    /// </summary>
    public static bool IsWorthIt(double large, TimeSpan largeTook, double small, TimeSpan smallTook) =>
        smallTook <= largeTook * ((1 + (small / large)) / 2);
}

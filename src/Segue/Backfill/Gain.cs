namespace Segue.Backfill;

/// <summary>Whether a smaller batch is quicker.</summary>
internal static class Gain
{
    /// <summary>
    /// At least half of what it would be if all the time went to the rows. Otherwise the batch waited for something
    /// that
    /// has no size (a core, a disk, a standby): a smaller one waits just as long and gets less done.
    /// </summary>
    public static bool IsWorthIt(double large, TimeSpan largeTook, double small, TimeSpan smallTook) =>
        smallTook <= largeTook * ((1 + (small / large)) / 2);
}

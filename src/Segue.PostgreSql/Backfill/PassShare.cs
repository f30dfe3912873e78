using Segue.Engines;

namespace Segue.PostgreSql.Backfill;

/// <summary>The share of each page's rows that is to be filled after a pass.</summary>
internal static class PassShare
{
    /// <summary>All rows of a page.</summary>
    public const int All = 256;

    public static int Of(Batch batch) => Of(batch.Target.Passes, batch.Pass, batch.Passes);

    /// <param name="planned">The plan's shares, one for each of its passes.</param>
    /// <param name="passes">As many passes as planned, fewer while rows find no room on their pages, or more.</param>
    public static int Of(IReadOnlyList<int> planned, int pass, int passes) =>
        pass + 1 >= passes ? All
        : passes == planned.Count ? planned[pass]
        : Math.Max(1, All * (pass + 1) / passes);
}

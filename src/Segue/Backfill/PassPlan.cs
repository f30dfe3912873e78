namespace Segue.Backfill;

/// <summary>
/// In how many passes a group of blocks is filled. Where the rows of one block weigh so much that a pass over it takes
/// too long, there are more passes, each with fewer rows.
/// </summary>
/// <param name="planned">The share of each page's rows that is filled after each pass, out of
/// <see cref="All"/>.</param>
/// <param name="target">What a batch should take.</param>
internal sealed class PassPlan(IReadOnlyList<int> planned, TimeSpan target)
{
    public const int All = 256;

    private int _times = 1;

    /// <param name="inPlace">Rows find room on their pages, so the planned passes are worth it.</param>
    public int Count(bool inPlace)
    {
        int passes = inPlace ? planned.Count : 1;

        // One planned pass is one for a reason: a second would work on the same rows again.
        return planned.Count == 1 ? 1 : Math.Min(passes * _times, All);
    }

    public int Share(int pass, int passes) =>
        pass + 1 >= passes ? All
        : passes == planned.Count ? planned[pass]
        : Math.Max(1, All * (pass + 1) / passes);

    /// <param name="blocks">Blocks of a group that is filled.</param>
    /// <param name="slowest">The slowest of its passes.</param>
    public void Observe(long blocks, TimeSpan slowest)
    {
        if (blocks == 1 && slowest > target)
        {
            _times = Math.Min(_times * 2, All);
        }
        else if (_times > 1 && slowest < target / 4)
        {
            _times /= 2;
        }
    }
}

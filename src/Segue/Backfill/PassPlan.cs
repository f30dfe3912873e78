namespace Segue.Backfill;

/// <summary>
/// In how many passes a group is filled. Where the rows of a smallest range weigh so much that a pass over it takes too
/// long, there are more passes, each with fewer rows.
/// </summary>
/// <param name="planned">How many the plan has.</param>
/// <param name="most">Into how many the engine can divide a smallest range.</param>
/// <param name="target">What a batch should take.</param>
internal sealed class PassPlan(int planned, int most, TimeSpan target)
{
    private int _times = 1;

    /// <param name="areWorthIt">The planned passes are; otherwise one does the same.</param>
    public int Count(bool areWorthIt)
    {
        int passes = areWorthIt ? planned : 1;

        // A plan with one pass has a reason for it: a second pass would change the same rows again.
        return planned == 1 ? 1 : Math.Clamp(passes * _times, 1, Math.Max(passes, most));
    }

    /// <param name="units">How large a group was that is filled.</param>
    /// <param name="slowest">The slowest of its passes.</param>
    public void Observe(long units, TimeSpan slowest)
    {
        if (units == 1 && slowest > target)
        {
            _times = Math.Min(_times * 2, most);
        }
        else if (_times > 1 && slowest < target / 4)
        {
            _times /= 2;
        }
    }
}

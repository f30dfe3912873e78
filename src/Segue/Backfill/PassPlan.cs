namespace Segue.Backfill;

/// <summary>
/// In how many passes a group is filled. Where the rows of a smallest range weigh so much that a pass over it takes too
/// long, there are more passes, each with fewer rows, as long as fewer rows are quicker.
/// </summary>
/// <param name="planned">How many the plan has.</param>
/// <param name="most">Into how many the engine can divide a smallest range.</param>
/// <param name="target">What a batch should take.</param>
internal sealed class PassPlan(int planned, int most, TimeSpan target)
{
    /// <summary>After a division without a gain: the number of groups until the next attempt.</summary>
    private const int TryAgainAfter = 8;

    private int _times = 1;
    private int _waiting;

    /// <summary>How long a pass took before the last division; null once the division is judged.</summary>
    private TimeSpan? _undivided;

    /// <param name="areWorthIt">The planned passes are worth their time; otherwise one pass is enough.</param>
    public int Count(bool areWorthIt)
    {
        int passes = areWorthIt ? planned : 1;

        // A plan with one pass needs one: a second pass would change the same rows again.
        return planned == 1 ? 1 : Math.Clamp(passes * _times, 1, Math.Max(passes, most));
    }

    /// <param name="units">The size of the filled group.</param>
    /// <param name="took">What one of its passes took, on average: a single one may have waited for a core.</param>
    public void Observe(long units, TimeSpan took)
    {
        bool wasInVain = _undivided is { } before && !Gain.IsWorthIt(1, before, 0.5, took);
        _undivided = null;
        if (units == 1 && took > target)
        {
            if (wasInVain)
            {
                _times /= 2;
                _waiting = TryAgainAfter;
            }
            else if (_waiting > 0)
            {
                _waiting--;
            }
            else if (_times * 2 <= most)
            {
                _undivided = took;
                _times *= 2;
            }
        }
        else if (_times > 1 && took < target / 4)
        {
            _times /= 2;
        }
    }
}

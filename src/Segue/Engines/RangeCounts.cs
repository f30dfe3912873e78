namespace Segue.Engines;

/// <param name="Compared">Rows of the range.</param>
/// <param name="Mismatches">One number for each check.</param>
/// <param name="Took">On the server: round trips are no work.</param>
public sealed record RangeCounts(long Compared, IReadOnlyList<long> Mismatches, TimeSpan Took)
{
    /// <summary>
    /// A row raises an error when it is asked: nothing was counted, and each check is to be asked by itself.
    /// </summary>
    public bool RowsFail { get; init; }
}

namespace Segue.Engines;

/// <param name="Compared">Rows of the range.</param>
/// <param name="Mismatches">One number for each check.</param>
/// <param name="Took">On the server, without round trips.</param>
public sealed record RangeCounts(long Compared, IReadOnlyList<long> Mismatches, TimeSpan Took)
{
    /// <summary>A row raises an error: nothing was counted, and each check must run separately.</summary>
    public bool RowsFail { get; init; }
}

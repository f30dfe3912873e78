namespace Segue.Projects;

/// <summary>How far the fills of a change are, in rows.</summary>
/// <param name="Total">
/// What the server believed the tables to hold when the fill began; at least what is done, and exactly that once a fill
/// has ended.
/// </param>
/// <param name="Done">How many are filled.</param>
/// <param name="Skipped">About how many wait because an app had them locked.</param>
/// <param name="PerSecond">0 while no fill is under way.</param>
/// <param name="EtaSeconds">Seconds until the fill ends at that rate; null while none is under way.</param>
public sealed record RowCounts(
    long Total = 0,
    long Done = 0,
    long Skipped = 0,
    double PerSecond = 0,
    double? EtaSeconds = null
);

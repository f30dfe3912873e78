using Segue.Planning;

namespace Segue.Engines;

/// <summary>Rows of one table that a statement writes in its one transaction.</summary>
/// <param name="Relation">Qualified, quoted where needed.</param>
/// <param name="Does">E.g. <c>updates</c>.</param>
/// <param name="Estimate">Rows as the server estimates them, bytes of log, seconds.</param>
public sealed record RowsWritten(string Relation, string Does, Estimate Estimate)
{
    /// <summary>
    /// The default hold budget: a session that needs one of the rows waits no longer than for any other step.
    /// </summary>
    public const double LongestHoldSeconds = 0.5;
}

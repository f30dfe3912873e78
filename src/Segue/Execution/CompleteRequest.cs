using Segue.Running;

namespace Segue.Execution;

/// <summary>Options of a completion.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
public sealed record CompleteRequest
{
    /// <summary>
    /// Old code must not have written for so long, and must have been watched for so long. 0 (not asked) to 366 days.
    /// Default null: what the settings say (30 s), for writes that were seen.
    /// </summary>
    public TimeSpan? QuietFor
    {
        get;
        init => field = value is { } time ? RunOptions.QuietBounds.Check(time) : null;
    }

    /// <summary>
    /// Completes although old code was seen writing: its writes may fail from then on. Default false. It needs a
    /// <see cref="Ledger.Actor.Reason"/>, which an event of the ledger keeps.
    /// </summary>
    public bool AlthoughOldCodeWrites { get; init; }
}

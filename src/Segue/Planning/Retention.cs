namespace Segue.Planning;

/// <summary>
/// What a step drops and keeps for a while. Until it is purged the step's undo restores it, also after the change is
/// completed.
/// </summary>
public sealed record Retention
{
    /// <summary>Its name, e.g. <c>public.orders</c>.</summary>
    public required string What { get; init; }

    /// <summary>Where it is kept, qualified and quoted.</summary>
    public required string Relation { get; init; }

    /// <summary>How long, in seconds, from the step's commit on.</summary>
    public required long Seconds { get; init; }

    /// <summary>Drops it permanently.</summary>
    public required Step Purge { get; init; }
}

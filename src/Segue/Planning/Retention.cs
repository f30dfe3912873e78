namespace Segue.Planning;

/// <summary>
/// What a step takes away and keeps aside for a while. Until it is purged the step's undo brings it back, also after
/// the change is completed.
/// </summary>
public sealed record Retention
{
    /// <summary>What it was, e.g. <c>public.orders</c>.</summary>
    public required string What { get; init; }

    /// <summary>Where it is kept, qualified and quoted.</summary>
    public required string Relation { get; init; }

    /// <summary>How long, in seconds, from the step's commit on.</summary>
    public required long Seconds { get; init; }

    /// <summary>Drops it for good.</summary>
    public required Step Purge { get; init; }
}

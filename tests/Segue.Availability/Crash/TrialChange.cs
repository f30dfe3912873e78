namespace Segue.Availability.Crash;

/// <summary>A change that trials are made with.</summary>
internal sealed record TrialChange
{
    /// <summary>Makes the tables anew.</summary>
    public required string Setup { get; init; }

    public required string Yaml { get; init; }

    /// <summary>A boolean query that holds in the end.</summary>
    public required string Holds { get; init; }

    /// <summary>Lines of the catalog that are there in the end and were not before.</summary>
    public required IReadOnlyList<string> Brings { get; init; }

    /// <summary>Lines of the catalog that were there before and are not in the end.</summary>
    public IReadOnlyList<string> Takes { get; init; } = [];

    /// <summary>Applied, it is completed, and cannot be taken back any more.</summary>
    public bool EndsWithoutGate { get; init; }
}

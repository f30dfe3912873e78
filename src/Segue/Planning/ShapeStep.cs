using System.Text.Json.Serialization;

namespace Segue.Planning;

/// <summary>A step of a <see cref="PlanShape"/>: what it does, without what depends on the database.</summary>
public sealed record ShapeStep
{
    /// <summary>Null for an undo.</summary>
    public StageName? Stage { get; init; }

    /// <summary>The step's kind, e.g. <c>ddl</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Operations of the change that it comes from, by their place.</summary>
    public required IReadOnlyList<int> Operations { get; init; }

    /// <summary>Sorted; a partition counts as its root.</summary>
    public required IReadOnlyList<RelationLock> Locks { get; init; }

    /// <summary>What its work grows with.</summary>
    public required Cost Cost { get; init; }

    /// <summary>False if no undo restores the state before it.</summary>
    public required bool Reversible { get; init; }

    /// <summary>What it waits for; null for any step but a gate.</summary>
    public GatePolicy? Gate { get; init; }

    /// <summary>How long what it takes away is kept. Seconds; null where it takes nothing away.</summary>
    public long? KeptSeconds { get; init; }

    /// <summary>The steps that undo it, in order.</summary>
    public required IReadOnlyList<ShapeStep> Undo { get; init; }

    /// <summary>It locks a partition: on another database there may be more of those, or fewer.</summary>
    [JsonIgnore]
    public bool OfPartition { get; init; }

    /// <summary>All of it as one line: equal for equal steps.</summary>
    public override string ToString() => PlanJson.Line(this);
}

using Segue.Ledger;
using Segue.Planning;

namespace Segue.Projects;

/// <summary>Everything that the ledger has of one change.</summary>
public sealed record ChangeHistory
{
    /// <summary>When it was read, by the clock of the reader.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The change.</summary>
    public required ChangeRecord Record { get; init; }

    /// <summary>The plan it was begun with; null where somebody altered the stored one.</summary>
    public required Plan? Plan { get; init; }

    /// <summary>Its steps, in order.</summary>
    public required IReadOnlyList<StepRecord> Steps { get; init; }

    /// <summary>Its fills, by table.</summary>
    public required IReadOnlyList<BackfillRecord> Fills { get; init; }

    /// <summary>All of its events, the oldest first.</summary>
    public required IReadOnlyList<LedgerEvent> Events { get; init; }
}

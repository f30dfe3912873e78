namespace Segue.Ledger;

/// <summary>The ledger's record of one change.</summary>
public sealed record ChangeRecord
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required string ContentHash { get; init; }

    public required string PlanHash { get; init; }

    public string? GitCommit { get; init; }

    public string? Author { get; init; }

    public required ChangeStatus Status { get; init; }

    /// <summary>The stage last entered, or <c>rollback</c>.</summary>
    public string? Stage { get; init; }

    /// <summary>What the gate waits for; null when it is not at a gate.</summary>
    public string? Gate { get; init; }

    public bool PauseRequested { get; init; }

    /// <summary>True from the moment a rollback began until it ended.</summary>
    public bool RollingBack { get; init; }

    /// <summary>Why the backfill pauses; null if it does not.</summary>
    public string? ThrottleReason { get; init; }

    public string? Error { get; init; }

    /// <summary>The ledger has it as running, but no runner is alive: killed, or disconnected.</summary>
    public bool RunnerIsGone { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

public enum ChangeStatus
{
    Pending,
    Running,
    Paused,
    Waiting,
    Completed,
    RolledBack,
    Failed,

    /// <summary>Stopped by a person or the system; applying again resumes it.</summary>
    Interrupted,
}

namespace Segue.Ledger;

/// <summary>What the ledger knows of one change.</summary>
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

    /// <summary>Why the backfill is pausing itself; null when it is not.</summary>
    public string? ThrottleReason { get; init; }

    public string? Error { get; init; }

    /// <summary>It is running by the ledger, and no runner is alive: killed, or cut off.</summary>
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

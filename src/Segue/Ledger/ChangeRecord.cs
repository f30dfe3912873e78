namespace Segue.Ledger;

/// <summary>The ledger's record of one change.</summary>
public sealed record ChangeRecord
{
    /// <summary>The change's name.</summary>
    public required string Name { get; init; }

    /// <summary>What its file says of it.</summary>
    public string? Description { get; init; }

    /// <summary>SHA-256 of the change file it was begun with.</summary>
    public required string ContentHash { get; init; }

    /// <summary>SHA-256 of the plan it was begun with.</summary>
    public required string PlanHash { get; init; }

    /// <summary>The git commit its file was from; null where that is not known.</summary>
    public string? GitCommit { get; init; }

    /// <summary>That commit's author.</summary>
    public string? Author { get; init; }

    /// <summary>Its status, as the last runner recorded it.</summary>
    public required ChangeStatus Status { get; init; }

    /// <summary>The stage last entered, or <c>rollback</c>.</summary>
    public string? Stage { get; init; }

    /// <summary>What the gate waits for; null when it is not at a gate.</summary>
    public string? Gate { get; init; }

    /// <summary>A person asked for a pause.</summary>
    public bool PauseRequested { get; init; }

    /// <summary>True from the moment a rollback began until it ended.</summary>
    public bool RollingBack { get; init; }

    /// <summary>Why the backfill pauses; null if it does not.</summary>
    public string? ThrottleReason { get; init; }

    /// <summary>Why it failed; null where it has not.</summary>
    public string? Error { get; init; }

    /// <summary>The ledger has it as running, but no runner is alive: killed, or disconnected.</summary>
    public bool RunnerIsGone { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last recorded.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Where a change is.</summary>
public enum ChangeStatus
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>A runner works on it.</summary>
    Running,

    /// <summary>A runner waits because a person asked for a pause.</summary>
    Paused,

    /// <summary>It waits at its gate, or stopped after a stage as asked.</summary>
    Waiting,

    /// <summary>It is finished.</summary>
    Completed,

    /// <summary>It is rolled back.</summary>
    RolledBack,

    /// <summary>It failed in a named state; applying again resumes.</summary>
    Failed,

    /// <summary>Stopped by a person or the system; applying again resumes it.</summary>
    Interrupted,
}

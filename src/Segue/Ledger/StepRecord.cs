namespace Segue.Ledger;

/// <summary>The ledger's record of one step of a change's current plan.</summary>
public sealed record StepRecord
{
    public required string Id { get; init; }

    public required string Stage { get; init; }

    public required StepState State { get; init; }

    public int Attempts { get; init; }

    /// <summary>How long the successful attempt waited for its strong locks.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>How long it held them, as measured.</summary>
    public TimeSpan? LockHold { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>JSON: the verdict of a verify step.</summary>
    public string? Evidence { get; init; }
}

public enum StepState
{
    Pending,
    Running,
    Done,
    Failed,
    Undone,
}

namespace Segue.Ledger;

/// <summary>The ledger's record of one step of a change's current plan.</summary>
public sealed record StepRecord
{
    /// <summary>The step's id in the plan.</summary>
    public required string Id { get; init; }

    /// <summary>The stage it belongs to, e.g. <c>expand</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>How far it is.</summary>
    public required StepState State { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>How long the successful attempt waited for its strong locks.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>How long it held them, as measured.</summary>
    public TimeSpan? LockHold { get; init; }

    /// <summary>When it was last started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed; null where it has not.</summary>
    public string? Error { get; init; }

    /// <summary>JSON: the verdict of a verify step.</summary>
    public string? Evidence { get; init; }
}

/// <summary>How far a step is.</summary>
public enum StepState
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>Begun and not ended; of a runner that is gone, interrupted.</summary>
    Running,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Failed; it can be tried again.</summary>
    Failed,

    /// <summary>Rolled back.</summary>
    Undone,
}

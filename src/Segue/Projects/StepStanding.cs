using System.Text.Json.Nodes;

namespace Segue.Projects;

/// <summary>The state of a step.</summary>
public sealed record StepStanding
{
    /// <summary>The state of a step that was running when its runner ended.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The step's id in the plan.</summary>
    public required string Id { get; init; }

    /// <summary>The step in words.</summary>
    public required string Title { get; init; }

    /// <summary>The stage it belongs to.</summary>
    public required string Stage { get; init; }

    /// <summary>
    /// <c>pending</c>, <c>running</c>, <c>interrupted</c>, <c>done</c>, <c>failed</c> or <c>undone</c>.
    /// </summary>
    public required string State { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>How long it waited for its lock, in milliseconds.</summary>
    public double? LockWaitMs { get; init; }

    /// <summary>How long it held its lock, in milliseconds.</summary>
    public double? LockHoldMs { get; init; }

    /// <summary>When it was last started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The findings of a verify step.</summary>
    public JsonNode? Verdict { get; init; }
}

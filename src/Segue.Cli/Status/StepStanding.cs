using System.Text.Json.Nodes;

namespace Segue.Cli.Status;

/// <summary>Where a step stands.</summary>
internal sealed record StepStanding
{
    /// <summary>The state of a step that was running when its runner ended.</summary>
    public const string Interrupted = "interrupted";

    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string Stage { get; init; }

    /// <summary>
    /// <c>pending</c>, <c>running</c>, <c>interrupted</c>, <c>done</c>, <c>failed</c> or <c>undone</c>.
    /// </summary>
    public required string State { get; init; }

    public int Attempts { get; init; }

    public double? LockWaitMs { get; init; }

    public double? LockHoldMs { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>What a verify step found.</summary>
    public JsonNode? Verdict { get; init; }
}

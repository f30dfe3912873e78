using System.Text.Json.Serialization;

namespace Segue.Cli.Status;

/// <summary>Where a change stands. These records are the JSON of <c>status</c>, member for member.</summary>
internal sealed record Standing
{
    public required string Name { get; init; }

    /// <summary>
    /// <c>pending</c>, <c>running</c>, <c>paused</c>, <c>waiting</c>, <c>completed</c>, <c>rolled_back</c>,
    /// <c>failed</c> or <c>interrupted</c>.
    /// </summary>
    public required string Status { get; init; }

    public string? Stage { get; init; }

    /// <summary>What the gate waits for.</summary>
    public string? Gate { get; init; }

    public string? Description { get; init; }

    public string? PlanHash { get; init; }

    public string? Commit { get; init; }

    public string? Author { get; init; }

    /// <summary>When it was begun; null as long as it was not.</summary>
    public DateTimeOffset? BegunAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    public RowCounts Rows { get; init; } = new();

    /// <summary>
    /// Rows that raise an error when they are to be filled, while no verdict has told them; left out where there are
    /// none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FailedRows? FailedRows { get; init; }

    public ThrottleState Throttle { get; init; } = new();

    public string? Error { get; init; }

    /// <summary>With one change only: its steps, in order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StepStanding>? Steps { get; init; }

    /// <summary>With one change only: its last events, the oldest first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EventStanding>? Events { get; init; }

    /// <summary>What is odd about its file: edited, invalid, gone, or late; left out where nothing is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Notes { get; init; }

    /// <summary>With one change only: the commands that go on from here; left out where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Next { get; init; }

    /// <summary>What it took away and can still bring back; left out where there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KeptItem>? Kept { get; init; }
}

/// <param name="What">What it was, e.g. <c>public.orders</c>.</param>
/// <param name="Relation">Where it is kept.</param>
/// <param name="IsOver">It may be purged.</param>
internal sealed record KeptItem(string What, string Relation, DateTimeOffset Until, bool IsOver);

/// <param name="Total">What the server believed the tables to hold when the backfill began.</param>
/// <param name="Skipped">About how many wait because an app had them locked.</param>
/// <param name="PerSecond">0 while no backfill is under way.</param>
internal sealed record RowCounts(
    long Total = 0,
    long Done = 0,
    long Skipped = 0,
    double PerSecond = 0,
    double? EtaSeconds = null
);

internal sealed record ThrottleState(bool Paused = false, string? Reason = null);

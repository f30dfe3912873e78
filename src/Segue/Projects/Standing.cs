using System.Text.Json.Serialization;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Projects;

/// <summary>Where a change stands, from its file and the ledger.</summary>
public sealed record Standing
{
    /// <summary>The change's name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Its status. A change whose runner is gone counts as failed, one that has only a file as pending.
    /// </summary>
    [JsonConverter(typeof(SnakeCase<ChangeStatus>))]
    public required ChangeStatus Status { get; init; }

    /// <summary>The stage last entered, or <c>rollback</c>; null before it was begun.</summary>
    public string? Stage { get; init; }

    /// <summary>What the gate waits for; null when it is not at a gate.</summary>
    public string? Gate { get; init; }

    /// <summary>What the change file says of itself.</summary>
    public string? Description { get; init; }

    /// <summary>The SHA-256 of the plan it was begun with.</summary>
    public string? PlanHash { get; init; }

    /// <summary>The git commit its file was from; null where that is not known.</summary>
    public string? Commit { get; init; }

    /// <summary>That commit's author.</summary>
    public string? Author { get; init; }

    /// <summary>When it started; null if it has not.</summary>
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>When the ledger last recorded it.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>How far its fills are.</summary>
    public RowCounts Rows { get; init; } = new();

    /// <summary>
    /// Rows that raise an error when they are to be filled, as long as no verdict reports them; null where there are
    /// none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FailedRows? FailedRows { get; init; }

    /// <summary>Whether and why a fill pauses.</summary>
    public ThrottleState Throttle { get; init; } = new();

    /// <summary>
    /// What old code wrote since it started, the latest first; null where nothing was seen, and once it has ended.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<OldWrites>? OldWrites { get; init; }

    /// <summary>Why it failed or was interrupted; null where it was not.</summary>
    public string? Error { get; init; }

    /// <summary>Its steps, in order; null unless its details were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StepStanding>? Steps { get; init; }

    /// <summary>Its last events, the oldest first; null unless its details were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EventStanding>? Events { get; init; }

    /// <summary>What is odd about its file: edited, invalid, gone, or late.</summary>
    public IReadOnlyList<FileNote> Notes { get; init; } = [];

    /// <summary>The dropped objects that it keeps and can still restore; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KeptItem>? Kept { get; init; }

    /// <summary>What can be done next, the usual first; none where it runs or has ended.</summary>
    public IReadOnlyList<NextAction> Next =>
        (Status, Stage) switch
        {
            (ChangeStatus.Pending, _) => [NextAction.Plan(Name), NextAction.Apply(Name)],
            (ChangeStatus.Paused, _) => [NextAction.Resume(Name)],
            (ChangeStatus.Waiting, "switch") => [NextAction.Complete(Name), NextAction.Rollback(Name)],
            (ChangeStatus.Failed or ChangeStatus.Interrupted, "rollback") => [NextAction.Rollback(Name)],
            (ChangeStatus.Failed or ChangeStatus.Interrupted, "contract") => [NextAction.Apply(Name)],
            (ChangeStatus.Waiting or ChangeStatus.Failed or ChangeStatus.Interrupted, _) =>
            [
                NextAction.Apply(Name),
                NextAction.Rollback(Name),
            ],
            _ => [],
        };

    /// <summary>It has only a file.</summary>
    internal static Standing Pending(string name) => new() { Name = name, Status = ChangeStatus.Pending };
}

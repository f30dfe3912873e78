using System.Text.Json.Serialization;

namespace Segue.Ledger;

/// <summary>Writes of code that does not know a change's new shape yet, as one application made them.</summary>
public sealed record OldWrites
{
    /// <summary>The change whose trigger counted them.</summary>
    public required string Change { get; init; }

    /// <summary>The table, as people name it.</summary>
    public required string Relation { get; init; }

    /// <summary>The name that the application gave its sessions; empty for none.</summary>
    public required string Application { get; init; }

    /// <summary>The role that its sessions logged in as.</summary>
    public required string Role { get; init; }

    /// <summary>
    /// True: such a write fails, or leaves a wrong value, once the change is completed. False: it may be meant, as a
    /// NULL in a column that takes NULL.
    /// </summary>
    public required bool Breaks { get; init; }

    /// <summary>How many there were since the change started. A session's last second may be missing.</summary>
    public required long Count { get; init; }

    /// <summary>How many there were in about the last minute.</summary>
    public required long LastMinute { get; init; }

    /// <summary>How long ago the last one was, by the server's clock; within a second.</summary>
    [JsonIgnore]
    public TimeSpan LastAgo { get; init; }

    /// <summary><see cref="LastAgo"/> in seconds.</summary>
    public double LastAgoSeconds => Math.Round(LastAgo.TotalSeconds, 1);

    /// <inheritdoc/>
    public override string ToString()
    {
        string who = Application.Length == 0 ? $"role {Role}" : $"{Application} (role {Role})";
        return $"{who} wrote to {Relation} {Plain.Duration(LastAgo)} ago (such writes: {LastMinute:N0} in the last "
            + $"minute, {Count:N0} in all)";
    }
}

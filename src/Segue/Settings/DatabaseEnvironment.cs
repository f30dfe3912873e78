namespace Segue.Settings;

/// <summary>
/// How to reach one database. Never holds a password. Exactly one of <see cref="Database"/> and
/// <see cref="DatabaseVariable"/> is set.
/// </summary>
public sealed record DatabaseEnvironment
{
    /// <summary>A URL or an ADO.NET connection string, without a password.</summary>
    public string? Database { get; init; }

    /// <summary>The environment variable that holds the URL or connection string.</summary>
    public string? DatabaseVariable { get; init; }

    /// <summary>Its replicas, to watch their lag and locks. Without passwords; default none.</summary>
    public IReadOnlyList<string> Replicas { get; init; } = [];

    /// <summary>
    /// Whether small tables are changed in stages here, as large ones are. Default null: what
    /// <see cref="SegueSettings.Plan"/> says.
    /// </summary>
    public bool? Staged { get; init; }
}

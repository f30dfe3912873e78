namespace Segue.Settings;

/// <summary>How patient a run is, and from which size on a table is treated with care.</summary>
public sealed record RunLimits
{
    public static RunLimits Default { get; } = new();

    /// <summary>Up to this size a table is filled at once, in one batch. Bytes, default 1 MB (1,048,576).</summary>
    public long SmallTableBytes { get; init; } = 1 << 20;

    /// <summary>How long all attempts at one lock may take together. Default 5 minutes.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a run tries to reach a server that went away. Default 2 minutes.</summary>
    public TimeSpan Reconnect { get; init; } = TimeSpan.FromMinutes(2);
}

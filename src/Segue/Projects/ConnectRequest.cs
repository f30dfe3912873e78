using Segue.Settings;

namespace Segue.Projects;

/// <summary>What an engine connects with.</summary>
/// <param name="Engine">The engine the database belongs to.</param>
/// <param name="Address">The database.</param>
/// <param name="Throttle">When fills pause.</param>
/// <param name="Replicas">Replicas whose lag and locks are watched.</param>
public sealed record ConnectRequest(
    IEngineProvider Engine,
    DatabaseAddress Address,
    ThrottleSettings Throttle,
    IReadOnlyList<DatabaseAddress> Replicas
)
{
    /// <summary>What the database's environment says of <see cref="DatabaseEnvironment.Staged"/>; else null.</summary>
    public bool? Staged { get; init; }

    /// <summary>The time in which the engine waits and measures. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

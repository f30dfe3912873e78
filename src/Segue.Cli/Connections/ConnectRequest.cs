using Segue.Settings;

namespace Segue.Cli.Connections;

/// <summary>What an engine is connected with.</summary>
/// <param name="Replicas">To watch their lag and locks.</param>
internal sealed record ConnectRequest(
    DatabaseTarget Target,
    ThrottleSettings Throttle,
    IReadOnlyList<DatabaseTarget> Replicas
);

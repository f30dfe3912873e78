namespace Segue.Lab.Traffic;

/// <summary>An application: clients that share a connection pool.</summary>
/// <param name="Name">Also the <c>application_name</c> of its connections.</param>
/// <param name="ConnectionString">Its connection.</param>
/// <param name="Clients">Its clients.</param>
public sealed record TrafficApp(string Name, string ConnectionString, IReadOnlyList<TrafficClient> Clients)
{
    /// <summary>
    /// Whether statements are prepared on first use. Default: true, the harder case for a schema change: a prepared
    /// statement outlives it.
    /// </summary>
    public bool Prepare { get; init; } = true;
}

namespace Segue.Engines;

/// <summary>Compares the servers that the settings name as replicas with the server that Segue writes to.</summary>
public interface IReplicas
{
    /// <summary>
    /// Those that are not replicas of it, or are that server itself. A server that cannot be reached is not reported
    /// here.
    /// </summary>
    Task<IReadOnlyList<ReplicaFinding>> ExamineAsync(CancellationToken cancel);
}

/// <param name="What">Which server, and what it is, as a sentence.</param>
/// <param name="Remedy">What to do before anything can start; null if the server is only skipped.</param>
public sealed record ReplicaFinding(string What, string? Remedy);

namespace Segue.Engines;

/// <summary>The servers that the settings name as replicas, against the server that is written to.</summary>
public interface IReplicas
{
    /// <summary>
    /// Those that are no replica of it, or are that very server. One that cannot be reached is left to who needs it.
    /// </summary>
    Task<IReadOnlyList<ReplicaFinding>> ExamineAsync(CancellationToken cancel);
}

/// <param name="What">Which one, and what it is, as a sentence.</param>
/// <param name="Remedy">What to do before anything can begin; null where it is merely skipped.</param>
public sealed record ReplicaFinding(string What, string? Remedy);

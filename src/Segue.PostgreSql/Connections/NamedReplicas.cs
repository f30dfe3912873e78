using Npgsql;
using Segue.Engines;

namespace Segue.PostgreSql.Connections;

/// <summary>The servers of <c>replicas:</c>.</summary>
internal sealed class NamedReplicas(Database primary, IReadOnlyList<Database> named) : IReplicas
{
    private const string Correct = "Correct `replicas:` in segue.yaml.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<ReplicaFinding>> ExamineAsync(CancellationToken cancel)
    {
        List<ReplicaFinding> found = [];
        ServerIdentity? written = named.Count == 0 ? null : await ServerIdentity.OfAsync(primary, cancel);
        foreach (Database replica in named)
        {
            if (
                await AskAsync(replica, cancel) is { } identity
                && FindingOf(replica.Host, identity.ReplicaOf(written!)) is { } finding
            )
            {
                found.Add(finding);
            }
        }

        return found;
    }

    /// <summary>Null for a standby of the server that Segue writes to.</summary>
    public static ReplicaFinding? FindingOf(string host, ReplicaKind kind) =>
        kind switch
        {
            ReplicaKind.Primary => new ReplicaFinding(
                $"{host} is named as a replica, but is the server that Segue writes to: it is skipped.",
                null
            ),
            ReplicaKind.Promoted => new ReplicaFinding(
                $"{host} is named as a replica, but is not a standby: it accepts writes, and is not the "
                    + "server that Segue writes to.",
                $"After a failover, connect to the server that is the primary now. Otherwise: {Correct}"
            ),
            ReplicaKind.OtherCluster => new ReplicaFinding(
                $"{host} is named as a replica, but belongs to another cluster: it does not replay this one.",
                Correct
            ),
            _ => null,
        };

    private static async Task<ServerIdentity?> AskAsync(Database replica, CancellationToken cancel)
    {
        using CancellationTokenSource over = new(Patience, replica.Time);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        try
        {
            return await ServerIdentity.OfAsync(replica, patience.Token);
        }
        catch (Exception error)
            when (error is NpgsqlException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            replica.Clear();
            return null;
        }
    }
}

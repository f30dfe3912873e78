using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// Identifies the server that answers. Two addresses may lead to one server, and a failover turns a standby into a
/// primary.
/// </summary>
/// <param name="Cluster">The system identifier, which a standby shares with its primary.</param>
/// <param name="Started">To the microsecond: two servers do not share it.</param>
internal sealed record ServerIdentity(long Cluster, DateTime Started, bool IsRecovering)
{
    /// <summary>Three columns of a SELECT list.</summary>
    public const string Columns =
        "(SELECT system_identifier FROM pg_control_system()), pg_postmaster_start_time(), pg_is_in_recovery()";

    public static ServerIdentity Read(NpgsqlDataReader row, int first = 0) =>
        new(row.GetInt64(first), row.GetDateTime(first + 1), row.GetBoolean(first + 2));

    public static async Task<ServerIdentity> OfAsync(Database database, CancellationToken cancel) =>
        (await database.QueryAsync($"SELECT {Columns}", row => Read(row), cancel))[0];

    /// <summary>The relation of this server, named as a replica, to the server that Segue writes to.</summary>
    public ReplicaKind ReplicaOf(ServerIdentity primary) =>
        (IsRecovering, Cluster == primary.Cluster) switch
        {
            (_, false) => ReplicaKind.OtherCluster,
            (true, true) => ReplicaKind.Standby,
            _ => Started == primary.Started ? ReplicaKind.Primary : ReplicaKind.Promoted,
        };
}

internal enum ReplicaKind
{
    Standby,

    /// <summary>The server that Segue writes to.</summary>
    Primary,

    /// <summary>Accepts writes as well, independently.</summary>
    Promoted,

    OtherCluster,
}

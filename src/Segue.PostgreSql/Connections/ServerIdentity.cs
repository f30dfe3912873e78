using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// Which server answers. Two addresses may lead to one server, and a failover makes a primary of a standby.
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

    /// <summary>What this one, named as a replica, is to the server that is written to.</summary>
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

    /// <summary>The very server that is written to.</summary>
    Primary,

    /// <summary>Takes writes as well, on its own.</summary>
    Promoted,

    OtherCluster,
}

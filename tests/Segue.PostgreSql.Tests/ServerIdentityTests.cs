using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Tests;

public class ServerIdentityTests
{
    private static readonly DateTime Morning = new(2026, 1, 1, 6, 0, 0, DateTimeKind.Utc);
    private static readonly ServerIdentity Written = new(7, Morning, IsRecovering: false);

    [Theory]
    [InlineData(7, 0, true, nameof(ReplicaKind.Standby))]
    [InlineData(7, 1, true, nameof(ReplicaKind.Standby))]
    [InlineData(7, 0, false, nameof(ReplicaKind.Primary))]
    [InlineData(7, 1, false, nameof(ReplicaKind.Promoted))]
    [InlineData(8, 0, true, nameof(ReplicaKind.OtherCluster))]
    [InlineData(8, 0, false, nameof(ReplicaKind.OtherCluster))]
    public void A_named_replica_is_recognised_by_cluster_start_time_and_recovery(
        long cluster,
        int minutesLater,
        bool isRecovering,
        string expected
    ) =>
        new ServerIdentity(cluster, Morning.AddMinutes(minutesLater), isRecovering)
            .ReplicaOf(Written)
            .ToString()
            .ShouldBe(expected);

    [Fact]
    public void Only_the_primary_is_skipped_among_replicas_and_errors_name_a_remedy()
    {
        NamedReplicas.FindingOf("db:5432", ReplicaKind.Standby).ShouldBeNull();
        NamedReplicas.FindingOf("db:5432", ReplicaKind.Primary)!.Remedy.ShouldBeNull();
        NamedReplicas.FindingOf("db:5432", ReplicaKind.Promoted)!.Remedy!.ShouldContain("`replicas:`");
        NamedReplicas.FindingOf("db:5432", ReplicaKind.OtherCluster)!.Remedy!.ShouldContain("`replicas:`");
    }
}

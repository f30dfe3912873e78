using Npgsql;
using Segue.Engines;

namespace Segue.PostgreSql.Connections;

/// <summary>A standby whose readers a strong lock would meet cannot be asked about them.</summary>
internal sealed class StandbyException : NpgsqlException
{
    public StandbyException(string host, NpgsqlException reason)
        : base(
            $"Standby {host} cannot be asked for its readers, which a strong lock would meet there. "
                + $"{Errors.Describe(reason)} Start it, or take it out of `replicas:` in segue.yaml.",
            reason
        ) { }

    public StandbyException(ReplicaFinding finding)
        : base($"{finding.What} {finding.Remedy}") { }

    public override bool IsTransient => true;
}

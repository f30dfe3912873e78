using Npgsql;
using Segue.Engines;

namespace Segue.PostgreSql.Connections;

/// <summary>A standby whose readers a strong lock would block does not answer.</summary>
internal sealed class StandbyException : NpgsqlException
{
    public StandbyException(string host, NpgsqlException reason)
        : base(
            $"Segue cannot ask standby {host} for its readers, which a strong lock would block there. "
                + $"{Errors.Describe(reason)} Start the standby, or remove it from `replicas:` in segue.yaml.",
            reason
        ) { }

    public StandbyException(ReplicaFinding finding)
        : base($"{finding.What} {finding.Remedy}") { }

    public override bool IsTransient => true;
}

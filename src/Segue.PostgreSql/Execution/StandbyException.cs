using Npgsql;

namespace Segue.PostgreSql.Execution;

/// <summary>A standby whose readers a strong lock would meet cannot be asked about them.</summary>
internal sealed class StandbyException(string host, NpgsqlException reason) : NpgsqlException(
    $"Standby {host} cannot be asked for its readers, which a strong lock would meet there. {Errors.Describe(reason)} Start it, or take it out of `replicas:` in segue.yaml.", reason)
{
    public override bool IsTransient => true;
}

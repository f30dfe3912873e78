using Segue.Settings;
using Segue.Throttling;

namespace Segue.PostgreSql.Throttling;

/// <summary>
/// How far the slowest standby is behind. The time columns are NULL or stale when nothing is sent, so bytes decide together with time.
/// </summary>
internal sealed class ReplicaLag(Database database, ThrottleSettings settings) : ISignal
{
    public string Name => "replica lag";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        IReadOnlyList<(string Name, long Bytes, double Seconds)> standbys = await database.QueryAsync(
            """
            SELECT coalesce(nullif(application_name, ''), client_addr::text, pid::text), CASE WHEN state IS NULL THEN -1 ELSE coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0) END::bigint,
                   coalesce(extract(epoch FROM replay_lag), 0)::float8
            FROM pg_stat_replication WHERE state = 'streaming' OR state IS NULL
            """,
            row => (row.GetString(0), row.GetInt64(1), row.GetDouble(2)),
            cancel);
        foreach ((string name, long bytes, double seconds) in standbys)
        {
            if (bytes < 0)
            {
                return Reading.Stop($"How far replica {name} is behind cannot be read by our role, and what cannot be read counts as stop. `GRANT pg_read_all_stats` to it.");
            }

            if (bytes > settings.ReplicaLagBytes || (seconds > settings.ReplicaLag.TotalSeconds && bytes > 0))
            {
                return Reading.Stop($"Replica {name} is behind by {Plain.Bytes(bytes)} ({seconds:0.0} s); the limits are {Plain.Bytes(settings.ReplicaLagBytes)} and {Plain.Duration(settings.ReplicaLag)}.");
            }
        }

        return Reading.Go;
    }
}

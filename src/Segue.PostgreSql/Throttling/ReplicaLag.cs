using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.Settings;

namespace Segue.PostgreSql.Throttling;

/// <summary>
/// How far the slowest standby is behind: those of <c>replicas:</c> are asked directly, others are read on the primary.
/// There the time columns are NULL or outdated when nothing is sent, so bytes decide together with time.
/// </summary>
internal sealed class ReplicaLag(Database database, IReadOnlyList<Database> standbys, ThrottleSettings settings)
    : ISignal
{
    private readonly StandbyReplay[] _replays = [.. standbys.Select(standby => new StandbyReplay(standby, settings))];

    public string Name => "replica lag";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        if (_replays.Length > 0)
        {
            (string written, ServerIdentity primary) = (
                await database.QueryAsync(
                    $"SELECT pg_current_wal_lsn()::text, {ServerIdentity.Columns}",
                    row => (row.GetString(0), ServerIdentity.Read(row, 1)),
                    cancel
                )
            )[0];
            foreach (StandbyReplay replay in _replays)
            {
                if (await replay.ReadAsync(written, primary, cancel) is { StopReason: not null } stop)
                {
                    return stop;
                }
            }
        }

        return await ReadConnectedAsync(cancel);
    }

    private async Task<Reading> ReadConnectedAsync(CancellationToken cancel)
    {
        // A role without privileges sees that there is a standby, and NULL for how far it is.
        IReadOnlyList<(string Name, long Bytes, double Seconds, bool Hidden)> connected = await database.QueryAsync(
            """
            SELECT coalesce(nullif(application_name, ''), client_addr::text, pid::text),
                coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint,
                   coalesce(extract(epoch FROM replay_lag), 0)::float8, state IS NULL
            FROM pg_stat_replication WHERE state IN ('streaming', 'catchup') OR state IS NULL
            """,
            row => (row.GetString(0), row.GetInt64(1), row.GetDouble(2), row.GetBoolean(3)),
            cancel
        );

        // As many of these may be the standbys that were asked directly.
        bool isBlind = connected.Count(standby => standby.Hidden) > _replays.Count(replay => replay.IsStandby);
        foreach ((string name, long bytes, double seconds, bool hidden) in connected)
        {
            if (hidden && isBlind)
            {
                string? role = await database.ScalarAsync<string>("SELECT current_user::text", cancel);
                return Reading.Stop(
                    $"There is a replica ({name}), and our role may not see how far it is behind; Segue "
                        + "pauses while it cannot read a signal. `GRANT pg_read_all_stats TO "
                        + $"{Sql.Name(role!)}`."
                );
            }

            if (bytes > settings.ReplicaLagBytes || (seconds > settings.ReplicaLag.TotalSeconds && bytes > 0))
            {
                return Reading.Stop(
                    $"Replica {name} is behind by {Plain.Bytes(bytes)} ({seconds:0.0} s); the limits are "
                        + $"{Plain.Bytes(settings.ReplicaLagBytes)} and {Plain.Duration(settings.ReplicaLag)}."
                );
            }
        }

        return Reading.Go;
    }
}

using Npgsql;
using Segue.Throttling;

namespace Segue.PostgreSql.Throttling;

/// <summary>At what readings a backfill holds back.</summary>
public sealed record ThrottleSettings
{
    /// <summary>Replay lag of any connected standby. Default 5 s.</summary>
    public TimeSpan ReplicaLag { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of WAL a connected standby has not replayed. Default 64 MiB.</summary>
    public long ReplicaLagBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Sessions waiting for a lock on a table that is filled. Default 1.</summary>
    public int LockWaiters { get; init; } = 1;

    /// <summary>Free space that must be left where the server's data is; read only when the server runs on this machine. Default 1 GiB.</summary>
    public long MinFreeDisk { get; init; } = 1024L * 1024 * 1024;
}

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
            SELECT coalesce(nullif(application_name, ''), client_addr::text, pid::text), coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint,
                   coalesce(extract(epoch FROM replay_lag), 0)::float8
            FROM pg_stat_replication WHERE state = 'streaming'
            """,
            row => (row.GetString(0), row.GetInt64(1), row.GetDouble(2)),
            cancel);
        foreach ((string name, long bytes, double seconds) in standbys)
        {
            if (bytes > settings.ReplicaLagBytes || (seconds > settings.ReplicaLag.TotalSeconds && bytes > 0))
            {
                return Reading.Stop($"Replica {name} is behind by {Plain.Bytes(bytes)} ({seconds:0.0} s); the limits are {Plain.Bytes(settings.ReplicaLagBytes)} and {Plain.Duration(settings.ReplicaLag)}.");
            }
        }

        return Reading.Go;
    }
}

/// <summary>Sessions that wait for a lock on a filled table: the first sign of harm.</summary>
internal sealed class LockWaiters(Database database, IReadOnlyList<string> relations, ThrottleSettings settings) : ISignal
{
    public string Name => "lock waiters";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        long waiting = await database.ScalarAsync<long>(
            """
            SELECT count(DISTINCT l.pid) FROM pg_locks l WHERE NOT l.granted AND l.locktype IN ('relation', 'tuple')
              AND l.relation = ANY (ARRAY(SELECT to_regclass(relation)::oid FROM unnest($1) AS relation))
            """,
            cancel, relations.ToArray());
        return waiting >= settings.LockWaiters
            ? Reading.Stop($"{waiting} sessions wait for a lock on {string.Join(", ", relations.Take(3))}.")
            : Reading.Go;
    }
}

/// <summary>Is an app at work? Then the backfill leaves it its share.</summary>
internal sealed class AppActivity(Database database) : ISignal
{
    public string Name => "activity";

    public async Task<Reading> ReadAsync(CancellationToken cancel) =>
        await database.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> current_setting('application_name')
              AND pid <> pg_backend_pid() AND (state = 'active' OR state_change > clock_timestamp() - interval '1 s'))
            """,
            cancel)
            ? Reading.AtWork
            : Reading.Go;
}

/// <summary>Free space of the disk the server's data is on; only a server on this machine can be asked.</summary>
internal sealed class FreeDisk(Database database, ThrottleSettings settings) : ISignal
{
    private string? _directory;
    private bool _asked;

    public string Name => "free disk";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        if (!_asked)
        {
            _directory = await DirectoryAsync(cancel);
            _asked = true;
        }

        if (_directory is null)
        {
            return Reading.Go;
        }

        long free = new DriveInfo(_directory).AvailableFreeSpace;
        return free < settings.MinFreeDisk
            ? Reading.Stop($"Only {Plain.Bytes(free)} are free where the server's data is; {Plain.Bytes(settings.MinFreeDisk)} must stay free.")
            : Reading.Go;
    }

    /// <summary>Null where it cannot be known: the server is elsewhere, or does not tell our role.</summary>
    private async Task<string?> DirectoryAsync(CancellationToken cancel)
    {
        try
        {
            string? directory = await database.ScalarAsync<string>(
                "SELECT current_setting('data_directory') WHERE inet_server_addr() IS NULL OR inet_server_addr() << '127.0.0.0/8' OR inet_server_addr() = '::1'", cancel);
            return directory is not null && Directory.Exists(directory) ? directory : null;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }
}

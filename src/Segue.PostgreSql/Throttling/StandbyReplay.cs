using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.Settings;

namespace Segue.PostgreSql.Throttling;

/// <summary>
/// How far one standby of <c>replicas:</c> is behind, according to the standby itself. A standby that is missing from
/// <c>pg_stat_replication</c>, or hidden there, must not count as one that is up to date.
/// </summary>
internal sealed class StandbyReplay(Database standby, ThrottleSettings settings)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A position in the log, and when the primary had written up to it; not yet replayed at the last poll.
    /// </summary>
    private (string Place, long At)? _awaited;

    /// <summary>
    /// False once it was found to be the server that Segue writes to, after a failover or through an address that leads
    /// there.
    /// </summary>
    public bool IsStandby { get; private set; } = true;

    /// <param name="written">How far the primary has written its log.</param>
    public async Task<Reading> ReadAsync(string written, ServerIdentity primary, CancellationToken cancel)
    {
        using CancellationTokenSource over = new(Patience, standby.Time);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        try
        {
            return Judge(await AskAsync(written, patience.Token), written, primary);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Unread($"it did not answer within {Plain.Duration(Patience)}.");
        }
        catch (NpgsqlException error) when (!cancel.IsCancellationRequested)
        {
            standby.Clear();
            return Unread(Errors.Describe(error));
        }
    }

    private async Task<Replay> AskAsync(string written, CancellationToken cancel) =>
        (
            await standby.QueryAsync(
                $"""
                SELECT pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn())::bigint,
                    coalesce(pg_last_wal_replay_lsn() >= $2::pg_lsn, false), {ServerIdentity.Columns}
                """,
                row => new Replay(
                    row.IsDBNull(0) ? null : row.GetInt64(0),
                    row.GetBoolean(1),
                    ServerIdentity.Read(row, 2)
                ),
                cancel,
                written,
                _awaited?.Place ?? written
            )
        )[0];

    private Reading Judge(Replay replay, string written, ServerIdentity primary)
    {
        ReplicaKind kind = replay.Identity.ReplicaOf(primary);
        IsStandby = kind != ReplicaKind.Primary;
        if (NamedReplicas.FindingOf(standby.Host, kind) is { } finding)
        {
            return finding.Remedy is { } remedy ? Reading.Stop($"{finding.What} {remedy}") : Reading.Go;
        }

        if (replay.Behind is not { } behind)
        {
            return Reading.Stop($"Replica {standby.Host} has not replayed anything yet.");
        }

        if (_awaited is null || replay.HasAwaited)
        {
            _awaited = (written, standby.Time.GetTimestamp());
        }

        TimeSpan late = behind > 0 ? standby.Time.GetElapsedTime(_awaited.Value.At) : TimeSpan.Zero;
        return behind > settings.ReplicaLagBytes || late > settings.ReplicaLag
            ? Reading.Stop(
                $"Replica {standby.Host} is behind by {Plain.Bytes(behind)} ({late.TotalSeconds:0.0} s); "
                    + $"the limits are {Plain.Bytes(settings.ReplicaLagBytes)} and "
                    + $"{Plain.Duration(settings.ReplicaLag)}."
            )
            : Reading.Go;
    }

    private Reading Unread(string why) =>
        Reading.Stop(
            $"Replica {standby.Host} does not report its replay position: {why} Segue pauses while it "
                + "cannot read a signal. Start the replica, or remove it from `replicas:` in segue.yaml."
        );

    /// <param name="Behind">Bytes; null if it has never replayed anything.</param>
    /// <param name="HasAwaited">It has replayed the awaited position.</param>
    private sealed record Replay(long? Behind, bool HasAwaited, ServerIdentity Identity);
}

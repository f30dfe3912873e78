using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Throttling;

/// <summary>Write-ahead log that the server cannot remove yet.</summary>
/// <param name="By">What retains it, e.g. <c>Replication slot "old" (not in use)</c>.</param>
/// <param name="Remedy">How to free it, as a sentence.</param>
internal sealed record KeptWal(string By, long Bytes, string Remedy)
{
    public override string ToString() => $"{By} retains {Plain.Bytes(Bytes)} of write-ahead log. {Remedy}";

    /// <summary>The one that retains most; null if there is none.</summary>
    /// <param name="sinceCheckpoint">Also counts the log since the last checkpoint, which the next checkpoint
    /// frees.</param>
    public static async Task<KeptWal?> MostAsync(Database database, bool sinceCheckpoint, CancellationToken cancel)
    {
        List<KeptWal> kept =
        [
            .. await database.QueryAsync(
                Query,
                row => new KeptWal(row.GetString(0), row.GetInt64(1), row.GetString(2)),
                cancel,
                sinceCheckpoint
            ),
        ];
        if (await database.ScalarAsync<bool>(IsBacklogUnknown, cancel))
        {
            kept.AddRange(
                await database.QueryAsync(
                    Backlog,
                    row => new KeptWal("The archiver", row.GetInt64(0), LookAtArchiver),
                    cancel
                )
            );
        }

        return kept.MaxBy(one => one.Bytes) is { Bytes: > 0 } most ? most : null;
    }

    private const string LookAtArchiver = "pg_stat_archiver and the log of the server show why it is behind.";

    /// <summary>
    /// A segment of the log. After a promotion the archiver stores the history of the timeline first.
    /// </summary>
    private const string Segment = "^[0-9A-F]{24}";

    // A file name of the archive is timeline, log and segment, eight hexadecimal digits each; a log has 4 GB. The
    // segment that failed last is still there itself.
    private const string Query = $$"""
        SELECT by, bytes, remedy FROM (
          SELECT format('Replication slot %I (%s)', slot_name, CASE WHEN active THEN 'in use' ELSE 'not in use' END)
              AS by, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS bytes,
                 CASE WHEN active THEN 'Its reader is behind.'
                     ELSE format('Start its reader, or `SELECT pg_drop_replication_slot(%L)`.', slot_name) END AS remedy
          FROM pg_replication_slots WHERE restart_lsn IS NOT NULL
          UNION ALL
          SELECT 'The archiver', pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'::pg_lsn
                   + (('x' || substr(file, 9, 8))::bit(32)::bigint * 4294967296 +
                       (('x' || substr(file, 17, 8))::bit(32)::bigint + archived) * segment))::bigint,
                       '{{LookAtArchiver}}'
          FROM (SELECT CASE WHEN last_archived_wal ~ '{{Segment}}' THEN last_archived_wal
              ELSE last_failed_wal END AS file,
                       CASE WHEN last_archived_wal ~ '{{Segment}}' THEN 1 ELSE 0 END AS archived FROM pg_stat_archiver)
                           AS archiver,
               (SELECT setting::bigint AS segment FROM pg_settings WHERE name = 'wal_segment_size') AS size
          WHERE current_setting('archive_mode') <> 'off' AND file ~ '{{Segment}}'
          UNION ALL
          SELECT 'The last checkpoint', pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::bigint,
              'The next one frees it.' FROM pg_control_checkpoint() WHERE $1
        ) AS keepers
        """;

    private const string IsBacklogUnknown = $$"""
        SELECT current_setting('archive_mode') <> 'off' AND coalesce(last_archived_wal !~ '{{Segment}}', true)
          AND coalesce(last_failed_wal !~ '{{Segment}}', true)
          AND has_function_privilege('pg_ls_archive_statusdir()', 'EXECUTE') FROM pg_stat_archiver
        """;

    private const string Backlog = """
        SELECT count(*) * (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')
            FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'
        """;
}

using Npgsql;
using Segue.Engines;
using Segue.Ledger;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Execution;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Backfill;

/// <summary>
/// Batches over ranges of blocks (TID range scans, PostgreSQL 14), in as many sessions as the batch asks for.
/// </summary>
internal sealed class Batches(Database database, LedgerMark mark) : IBatches, IAsyncDisposable
{
    private readonly List<FillSession> _sessions = [];

    public async Task<BackfillCursor?> CursorAsync(BackfillKey key, CancellationToken cancel)
    {
        // Rows are counted in the transactions that change them; the position of a batch may be stored later.
        IReadOnlyList<(string Json, long Rows)> found = await database.QueryAsync(
            "SELECT cursor::text, rows_done FROM segue.backfill WHERE change = $1 AND step = $2 AND relation = $3",
            row => (row.GetString(0), row.GetInt64(1)),
            cancel,
            key.Change,
            key.Step,
            key.Relation
        );
        return found is [var (json, rows)] && CursorText.Read(json) is { } cursor ? cursor with { Rows = rows } : null;
    }

    public async Task SaveAsync(BackfillKey key, BackfillCursor cursor, Lease lease, CancellationToken cancel)
    {
        // One batch is one transaction that ends without a further message from us: a frozen runner does not prevent a
        // takeover.
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Add("SELECT segue.fence($1)", lease.Token);
        batch.Add(
            """
            INSERT INTO segue.backfill AS b (change, step, relation, cursor, rows_done, rows_total, blocks_done,
                blocks_total, blocks_skipped, finished)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (change, step, relation) DO UPDATE SET cursor = excluded.cursor,
                rows_done = greatest(b.rows_done, excluded.rows_done), rows_total = excluded.rows_total,
              blocks_done = excluded.blocks_done, blocks_total = excluded.blocks_total,
                  blocks_skipped = excluded.blocks_skipped,
              finished = excluded.finished, updated_at = clock_timestamp()
            """,
            key.Change,
            key.Step,
            key.Relation,
            CursorText.Parameter(cursor),
            cursor.Rows,
            cursor.RowsTotal,
            cursor.UnitsDone,
            cursor.UnitsTotal,
            cursor.UnitsSkipped,
            cursor.Finished
        );
        await batch.ExecuteNonQueryAsync(cancel);
        mark.Filled(key, cursor.Rows);
    }

    public async Task<BatchResults> FillAsync(IReadOnlyList<Batch> batches, CancellationToken cancel)
    {
        List<List<BatchPart>> lanes = [];
        foreach (Batch batch in batches)
        {
            foreach ((int place, BatchPart part) in BatchPart.Of(batch).Index())
            {
                if (lanes.Count == part.Session)
                {
                    lanes.Add([]);
                }

                lanes[part.Session].Add(place == 0 ? part : part with { Batch = batch with { Cursor = null } });
            }
        }

        while (_sessions.Count < lanes.Count)
        {
            _sessions.Add(new FillSession(database, mark));
        }

        try
        {
            // No part may still run when a range is retried: an error waits for the others.
            BatchResults[] results = await Task.WhenAll(
                lanes.Select((lane, i) => _sessions[i].FillAsync(lane, cancel))
            );
            return results.Length == 1 ? results[0] : Together(batches, results);
        }
        catch (PostgresException error)
        {
            await ErrorOrigin.AddAsync(database, error, cancel);
            throw;
        }
    }

    /// <summary>Passes keep rows on their pages only as long as old row versions are pruned.</summary>
    public async Task<string?> PassesObstacleAsync(CancellationToken cancel) =>
        await database.ScalarAsync<string>(ObstacleQuery, cancel) is { } obstacle
            ? $"{obstacle} Until it ends rows cannot be filled in place: the table grows more. Nothing else changes."
            : null;

    public Task<string?> LockHolderAsync(string relation, CancellationToken cancel) =>
        database.ScalarAsync<string>(LockHolderQuery, cancel, relation);

    public async ValueTask DisposeAsync()
    {
        foreach (FillSession session in _sessions)
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>A batch is filled when all its parts are.</summary>
    private static BatchResults Together(IReadOnlyList<Batch> batches, BatchResults[] lanes)
    {
        List<BatchResult> together = [];
        int[] next = new int[lanes.Length];
        foreach (Batch batch in batches)
        {
            // The parts that a session did not run after an error have no result.
            BatchResult[] results =
            [
                .. BatchPart
                    .Of(batch)
                    .Where(part => next[part.Session] < lanes[part.Session].Results.Count)
                    .Select(part => lanes[part.Session].Results[next[part.Session]++]),
            ];
            if (results.FirstOrDefault(result => result is not BatchResult.Filled) is { } failed)
            {
                together.Add(failed);
                break;
            }

            BatchResult.Filled[] filled = [.. results.Cast<BatchResult.Filled>()];
            together.Add(
                new BatchResult.Filled(
                    filled.Sum(part => part.Rows),
                    filled.Sum(part => part.Left),
                    filled.Max(part => part.Took),
                    filled.Any(part => part.PauseRequested)
                )
                {
                    RowsDone = filled.Max(part => part.RowsDone),
                }
            );
        }

        return new BatchResults(together, lanes.Max(lane => lane.OnServer));
    }

    // Younger transactions end soon. An old one keeps every row version that a batch leaves behind: by its snapshot, or
    // by its transaction number once it has written. Of another role's session only these two are visible, so there the
    // age in transactions distinguishes young from old.
    private const string ObstacleQuery = """
        SELECT what FROM (
          SELECT greatest(age(a.backend_xmin), age(a.backend_xid)) AS n,
              format('pid %s (%s) keeps old row versions%s: `SELECT pg_terminate_backend(%s)` would end it.', a.pid,
                 concat_ws(', ', coalesce(nullif(a.application_name, ''), a.backend_type), 'user ' || a.usename,
                     a.state),
                 ' since ' || round(extract(epoch FROM clock_timestamp() - a.xact_start)) || ' s', a.pid) AS what
          FROM pg_stat_activity a WHERE coalesce(a.backend_xmin, a.backend_xid) IS NOT NULL
              AND a.pid <> pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
            AND a.pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
            AND CASE WHEN a.xact_start IS NULL THEN greatest(age(a.backend_xmin), age(a.backend_xid)) > 1000
                ELSE clock_timestamp() - a.xact_start > interval '5 s' END
            AND (a.datname = current_database() OR a.datname IS NULL)
          UNION ALL
          SELECT age(transaction), format('the prepared transaction %L is open since %s.', gid, prepared)
              FROM pg_prepared_xacts
          WHERE database = current_database() AND clock_timestamp() - prepared > interval '5 s'
          UNION ALL
          SELECT age(xmin), format('replication slot %I keeps old row versions.', slot_name) FROM pg_replication_slots
              WHERE xmin IS NOT NULL AND age(xmin) > 1000
        ) AS holders ORDER BY n DESC NULLS LAST LIMIT 1
        """;

    // The age of another role's transaction is hidden from an ordinary role: every holder of a lock counts. A prepared
    // transaction has no process.
    private const string LockHolderQuery = """
        SELECT string_agg(DISTINCT CASE WHEN p.gid IS NOT NULL THEN format('the prepared transaction %L of user %s',
            p.gid, p.owner)
                 ELSE format('pid %s (%s)', a.pid,
                     concat_ws(', ', coalesce(nullif(a.application_name, ''), a.backend_type), 'user ' || a.usename,
                   a.state || ' for ' || round(extract(epoch FROM clock_timestamp() - a.xact_start)) || ' s')) END,
                       '; ')
        FROM pg_locks l
        LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.virtualtransaction = l.virtualtransaction
            AND x.locktype = 'transactionid'
        LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
        WHERE l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock')
            AND l.pid IS DISTINCT FROM pg_backend_pid()
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND l.relation IN (SELECT to_regclass($1) UNION SELECT relid FROM pg_partition_tree(to_regclass($1)))
          AND (p.gid IS NOT NULL OR (a.pid IS NOT NULL
              AND (a.xact_start IS NULL OR a.xact_start < clock_timestamp() - interval '50 ms')))
        """;
}

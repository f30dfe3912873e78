using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Segue.Backfill;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Execution;

namespace Segue.PostgreSql.Backfill;

/// <summary>Batches over ranges of blocks (TID range scans, PostgreSQL 14). Lease, rows and cursor are one transaction.</summary>
internal sealed class Batches(Database database) : IBatches, IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    public async Task<TableExtent> MeasureAsync(string relation, CancellationToken cancel)
    {
        IReadOnlyList<TableExtent> found = await database.QueryAsync(
            ExtentQuery, row => new TableExtent(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancel, relation);
        return found.Count > 0 ? found[0] : new TableExtent(0, 0, 0);
    }

    public async Task<BackfillCursor?> CursorAsync(BackfillKey key, CancellationToken cancel)
    {
        string? json = await database.ScalarAsync<string>(
            "SELECT cursor::text FROM segue.backfill WHERE change = $1 AND step = $2 AND relation = $3", cancel, key.Change, key.Step, key.Relation);
        return json is null ? null : JsonSerializer.Deserialize<BackfillCursor>(json, JsonSerializerOptions.Web);
    }

    public async Task SaveAsync(BackfillKey key, BackfillCursor cursor, Lease lease, CancellationToken cancel)
    {
        // One batch is one transaction, and needs no word from us to end: a frozen runner keeps nobody from taking over.
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlBatch batch = connection.CreateBatch();
        batch.Add("SELECT segue.fence($1)", lease.Token);
        batch.Add(
            """
            INSERT INTO segue.backfill (change, step, relation, cursor, rows_done, rows_total, blocks_done, blocks_total, blocks_skipped, finished)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (change, step, relation) DO UPDATE SET cursor = excluded.cursor, rows_done = excluded.rows_done, rows_total = excluded.rows_total,
              blocks_done = excluded.blocks_done, blocks_total = excluded.blocks_total, blocks_skipped = excluded.blocks_skipped,
              finished = excluded.finished, updated_at = clock_timestamp()
            """,
            key.Change, key.Step, key.Relation, Json(cursor), cursor.Rows, cursor.RowsTotal, cursor.Next, cursor.End, Skipped(cursor), cursor.Finished);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    public async Task<BatchResult> FillAsync(Batch batch, CancellationToken cancel)
    {
        long began = TimeProvider.System.GetTimestamp();
        NpgsqlConnection connection = await ConnectionAsync(cancel);
        try
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
            if (await FillAsync(connection, batch, cancel) is not { } filled)
            {
                return new BatchResult.Rewritten();
            }

            bool pause = await StoreAsync(connection, batch, filled.Rows, began, cancel);
            await transaction.CommitAsync(cancel);
            return new BatchResult.Filled(filled.Rows, filled.Left, TimeProvider.System.GetElapsedTime(began), pause);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            return error.BatchCommand?.CommandText == LockTable(batch) ? new BatchResult.TableLocked() : new BatchResult.RowLocked();
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.QueryCanceled && !cancel.IsCancellationRequested && TimeProvider.System.GetElapsedTime(began) >= batch.Limit)
        {
            return new BatchResult.TooSlow();
        }
        catch (NpgsqlException)
        {
            await DropConnectionAsync();
            throw;
        }
    }

    public Task<string?> PruningObstacleAsync(CancellationToken cancel) => database.ScalarAsync<string>(ObstacleQuery, cancel);

    public Task<string?> LockHolderAsync(string relation, CancellationToken cancel) => database.ScalarAsync<string>(LockHolderQuery, cancel, relation);

    public async ValueTask DisposeAsync() => await DropConnectionAsync();

    /// <summary>Settings, fence and fill in one round trip. Null when the table is no longer the one the cursor was made for.</summary>
    private static async Task<(long Rows, long Left)?> FillAsync(NpgsqlConnection connection, Batch batch, CancellationToken cancel)
    {
        Limits limits = batch.Plan.Limits;
        await using NpgsqlBatch statements = connection.CreateBatch();
        statements.AddLocal(
            LocalSettings.SearchPath(batch.Plan.SearchPath),
            LocalSettings.Milliseconds("lock_timeout", limits.RowLockTimeoutMs),
            LocalSettings.Milliseconds("statement_timeout", batch.Limit.TotalMilliseconds),
            LocalSettings.Milliseconds("idle_in_transaction_session_timeout", limits.HoldBudgetMs * 4),
            // A crash loses a batch and its cursor together; both are simply done again.
            ("synchronous_commit", "off"),
            ("row_security", "off"),
            ("enable_seqscan", "off"),
            ("jit", "off"));
        statements.Add("SELECT segue.fence($1)", batch.Lease.Token);
        statements.Add(LockTable(batch));
        AddFill(statements, batch);
        NpgsqlBatchCommand fill = statements.BatchCommands[^1];
        if (batch.Mode == FillMode.Unlocked)
        {
            statements.Add(batch.Target.CountLeft, Tid(batch.Range.Start), Tid(batch.Range.End));
        }

        // Asked last, under the lock the fill has taken: nobody can rewrite the table any more before this transaction ends.
        statements.Add("SELECT coalesce(pg_relation_filenode(to_regclass($1)), 0)::bigint", batch.Key.Relation);
        List<long> answers = [];
        await using (NpgsqlDataReader reader = await statements.ExecuteReaderAsync(cancel))
        {
            do
            {
                if (await reader.ReadAsync(cancel) && reader.GetFieldType(0) == typeof(long))
                {
                    answers.Add(reader.GetInt64(0));
                }
            }
            while (await reader.NextResultAsync(cancel));
        }

        return answers[^1] == batch.After.Generation ? ((long)fill.RecordsAffected, answers.Count > 1 ? answers[0] : 0) : null;
    }

    /// <summary>What the fill takes anyway, on its own: a table that is locked as a whole is told from a locked row.</summary>
    private static string LockTable(Batch batch) => $"LOCK TABLE ONLY {batch.Target.Relation} IN ROW EXCLUSIVE MODE";

    private static void AddFill(NpgsqlBatch statements, Batch batch)
    {
        NpgsqlParameter first = Tid(batch.Range.Start);
        NpgsqlParameter end = Tid(batch.Range.End);
        switch (batch.Mode)
        {
            case FillMode.Part:
                statements.Add(batch.Target.FillPart, first, end, batch.Share);
                break;
            case FillMode.Rest:
                statements.Add(batch.Target.FillRest, first, end);
                break;
            default:
                statements.Add(batch.Target.FillUnlocked, first, end);
                break;
        }
    }

    private static async Task<bool> StoreAsync(NpgsqlConnection connection, Batch batch, long rows, long began, CancellationToken cancel)
    {
        BackfillCursor cursor = batch.After with { Rows = batch.After.Rows + rows };
        return await connection.ScalarAsync<bool>(
            """
            UPDATE segue.backfill SET cursor = $4, rows_done = $5, blocks_done = $6, blocks_skipped = $7, updated_at = clock_timestamp(),
              rows_per_second = rows_per_second * 0.9 + 0.1 * $8
            WHERE change = $1 AND step = $2 AND relation = $3
            RETURNING (SELECT pause_requested FROM segue.change WHERE name = $1)
            """,
            cancel,
            batch.Key.Change, batch.Key.Step, batch.Key.Relation, Json(cursor), cursor.Rows, cursor.Next, Skipped(cursor),
            rows / Math.Max(0.001, TimeProvider.System.GetElapsedTime(began).TotalSeconds));
    }

    private async Task<NpgsqlConnection> ConnectionAsync(CancellationToken cancel) =>
        _connection ??= await database.OpenAsync(cancel);

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private static NpgsqlParameter Tid(long block) => new() { NpgsqlDbType = NpgsqlDbType.Tid, Value = new NpgsqlTid((uint)block, 0) };

    private static NpgsqlParameter Json(BackfillCursor cursor) =>
        new() { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = JsonSerializer.Serialize(cursor, JsonSerializerOptions.Web) };

    private static long Skipped(BackfillCursor cursor) => cursor.Skipped.Sum(range => range.Blocks);

    // A partitioned root has no blocks of its own: a range of its blocks means that range in each of its leaves.
    private const string ExtentQuery =
        """
        SELECT CASE WHEN c.relkind = 'p'
                 THEN coalesce((SELECT max(pg_relation_size(t.relid)) FROM pg_partition_tree(c.oid) t WHERE t.isleaf), 0)
                 ELSE pg_relation_size(c.oid) END / current_setting('block_size')::bigint,
               coalesce(pg_relation_filenode(c.oid), 0)::bigint,
               CASE WHEN c.relkind = 'p' THEN 0 ELSE greatest(c.reltuples, 0)::bigint END
        FROM pg_class c WHERE c.oid = to_regclass($1)
        """;

    // Younger transactions come and go; an old one keeps every row version that a batch leaves behind: by its snapshot, or once it has written by its
    // own number alone. Of another role's session only these two are seen, so there the distance in transactions tells young from old.
    private const string ObstacleQuery =
        """
        SELECT what FROM (
          SELECT greatest(age(a.backend_xmin), age(a.backend_xid)) AS n, format('pid %s (%s) keeps old row versions%s: `SELECT pg_terminate_backend(%s)` would end it.', a.pid,
                 concat_ws(', ', coalesce(nullif(a.application_name, ''), a.backend_type), 'user ' || a.usename, a.state),
                 ' since ' || round(extract(epoch FROM clock_timestamp() - a.xact_start)) || ' s', a.pid) AS what
          FROM pg_stat_activity a WHERE coalesce(a.backend_xmin, a.backend_xid) IS NOT NULL AND a.pid <> pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
            AND CASE WHEN a.xact_start IS NULL THEN greatest(age(a.backend_xmin), age(a.backend_xid)) > 1000 ELSE clock_timestamp() - a.xact_start > interval '5 s' END
            AND (a.datname = current_database() OR a.datname IS NULL)
          UNION ALL
          SELECT age(transaction), format('the prepared transaction %L is open since %s.', gid, prepared) FROM pg_prepared_xacts
          WHERE database = current_database() AND clock_timestamp() - prepared > interval '5 s'
          UNION ALL
          SELECT age(xmin), format('replication slot %I keeps old row versions.', slot_name) FROM pg_replication_slots WHERE xmin IS NOT NULL AND age(xmin) > 1000
        ) AS holders ORDER BY n DESC NULLS LAST LIMIT 1
        """;

    // The age of another role's transaction is hidden from an ordinary one: whoever holds a lock counts.
    private const string LockHolderQuery =
        """
        SELECT string_agg(format('pid %s (%s)', a.pid, concat_ws(', ', coalesce(nullif(a.application_name, ''), a.backend_type), 'user ' || a.usename,
                 a.state || ' for ' || round(extract(epoch FROM clock_timestamp() - a.xact_start)) || ' s')), '; ')
        FROM (SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'relation' AND relation = to_regclass($1) AND granted
                AND mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock') AND pid <> pg_backend_pid()) l
        JOIN pg_stat_activity a ON a.pid = l.pid WHERE a.xact_start IS NULL OR a.xact_start < clock_timestamp() - interval '50 ms'
        """;
}

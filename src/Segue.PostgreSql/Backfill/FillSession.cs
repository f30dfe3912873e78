using System.Data;
using Npgsql;
using NpgsqlTypes;
using Segue.Backfill;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Execution;

namespace Segue.PostgreSql.Backfill;

/// <summary>One connection that fills one range at a time. Lease, rows and, where it is kept, the cursor are one transaction.</summary>
internal sealed class FillSession(Database database) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <param name="others">
    /// Sessions that fill further ranges of the same batch. Null for one of those: it keeps no cursor. Otherwise the cursor is stored once all of them have
    /// committed, so that it is never ahead of the rows.
    /// </param>
    public async Task<BatchResult> FillAsync(Batch batch, IReadOnlyList<Task<BatchResult>>? others, CancellationToken cancel)
    {
        long began = TimeProvider.System.GetTimestamp();
        NpgsqlConnection connection = await ConnectionAsync(cancel);
        NpgsqlBatchCommand lockTable = new($"LOCK TABLE ONLY {batch.Target.Relation} IN ROW EXCLUSIVE MODE");
        try
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
            if (await FillAsync(connection, batch, lockTable, cancel) is not { } filled)
            {
                return new BatchResult.Rewritten();
            }

            bool pause = false;
            if (others is not null)
            {
                BatchResult[] results = await Task.WhenAll(others);
                if (results.FirstOrDefault(result => result is not BatchResult.Filled) is { } failed)
                {
                    return failed;
                }

                filled.Rows += results.OfType<BatchResult.Filled>().Sum(result => result.Rows);
                pause = await StoreAsync(connection, batch, filled.Rows, began, cancel);
            }

            await transaction.CommitAsync(cancel);
            return new BatchResult.Filled(filled.Rows, filled.Left, TimeProvider.System.GetElapsedTime(began), pause);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // A partition dropped meanwhile: it is measured again, and found to have no rows.
            if (await database.ScalarAsync<bool>("SELECT to_regclass($1) IS NULL", cancel, batch.Target.Relation))
            {
                return new BatchResult.Rewritten();
            }

            throw;
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            return ReferenceEquals(error.BatchCommand, lockTable) ? new BatchResult.TableLocked() : new BatchResult.RowLocked();
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

    public async ValueTask DisposeAsync() => await DropConnectionAsync();

    /// <summary>Settings, fence and fill in one round trip. Null when the table is no longer the one the cursor was made for.</summary>
    /// <param name="lockTable">What the fill takes anyway, on its own: a table that is locked as a whole is told from a locked row.</param>
    private static async Task<(long Rows, long Left)?> FillAsync(NpgsqlConnection connection, Batch batch, NpgsqlBatchCommand lockTable, CancellationToken cancel)
    {
        await using NpgsqlBatch statements = connection.CreateBatch();
        AddSettings(statements, batch);
        statements.Add("SELECT segue.fence($1)", batch.Lease.Token);
        statements.BatchCommands.Add(lockTable);
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

    private static void AddSettings(NpgsqlBatch statements, Batch batch)
    {
        Limits limits = batch.Plan.Limits;
        statements.AddLocal(
        [
            .. LocalSettings.Of(batch.Plan),
            LocalSettings.Milliseconds("lock_timeout", limits.RowLockTimeoutMs),
            LocalSettings.Milliseconds("statement_timeout", batch.Limit.TotalMilliseconds),
            LocalSettings.Milliseconds("idle_in_transaction_session_timeout", limits.HoldBudgetMs * 4),
            // A crash loses a batch and its cursor together; both are simply done again.
            ("synchronous_commit", "off"),
            ("row_security", "off"),
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ]);
    }

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
        return await connection.ScalarAsync<bool?>(
            """
            UPDATE segue.backfill SET cursor = $4, rows_done = $5, blocks_done = $6, blocks_skipped = $7, updated_at = clock_timestamp(),
              rows_per_second = rows_per_second * 0.9 + 0.1 * $8
            WHERE change = $1 AND step = $2 AND relation = $3
            RETURNING (SELECT pause_requested FROM segue.change WHERE name = $1)
            """,
            cancel,
            batch.Key.Change, batch.Key.Step, batch.Key.Relation, Batches.Json(cursor), cursor.Rows, cursor.Next, Batches.Skipped(cursor),
            rows / Math.Max(0.001, TimeProvider.System.GetElapsedTime(began).TotalSeconds))
            ?? throw new LedgerDamagedException($"The ledger's row of {batch.Key.Relation} in segue.backfill is gone. `segue rollback {batch.Key.Change}` and apply again.");
    }

    private async Task<NpgsqlConnection> ConnectionAsync(CancellationToken cancel)
    {
        if (_connection is { FullState: not ConnectionState.Open })
        {
            await DropConnectionAsync();
        }

        return _connection ??= await database.OpenAsync(cancel);
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private static NpgsqlParameter Tid(long block) => new() { NpgsqlDbType = NpgsqlDbType.Tid, Value = new NpgsqlTid((uint)block, 0) };
}

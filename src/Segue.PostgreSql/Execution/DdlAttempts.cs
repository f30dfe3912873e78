using Npgsql;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// One short transaction: first SHARE UPDATE EXCLUSIVE, patiently, which blocks no app and makes an autovacuum yield;
/// then the strong locks
/// under the lock timeout; then the statements, within the hold budget; the ledger's record in the same commit.
/// </summary>
internal sealed class DdlAttempts(Database database, Blockers blockers) : IDdlAttempts
{
    /// <summary>
    /// Tries for the strong locks while the patient ones are kept: to evict an autovacuum again would cost another
    /// second.
    /// </summary>
    private const int TriesPerTransaction = 5;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(60);

    public Task<IReadOnlyList<Blocker>> BlockersAsync(DdlStep step, CancellationToken cancel) =>
        blockers.LongHoldersAsync(StrongLocks(step), own: 0, cancel);

    public async Task<DdlAttempt> TryAsync(DdlCall call, CancellationToken cancel)
    {
        try
        {
            return await TryWithinAsync(call, cancel);
        }
        catch (PostgresException error)
        {
            await ErrorOrigin.AddAsync(database, error, cancel);
            throw;
        }
    }

    private async Task<DdlAttempt> TryWithinAsync(DdlCall call, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        Limits limits = LockLimits.Under(
            call.Plan.Limits,
            await connection.ScalarAsync<int>(
                "SELECT setting::int FROM pg_settings WHERE name = 'deadlock_timeout'",
                cancel
            )
        );
        try
        {
            await connection.SetLocalAsync(
                cancel,
                [
                    .. LocalSettings.Of(call.Plan),
                    LocalSettings.Milliseconds("lock_timeout", limits.PatientLockTimeoutMs),
                    LocalSettings.Milliseconds("statement_timeout", limits.PatientLockTimeoutMs * 2),
                    // A frozen or lost runner must not keep a lock: the server itself ends the session.
                    LocalSettings.Milliseconds("idle_in_transaction_session_timeout", limits.HoldBudgetMs * 4),
                    // The locks wait neither for a disk nor for a standby. The record of the hold, committed next,
                    // writes everything before it to disk.
                    ("synchronous_commit", "off"),
                    ("segue.refuse_rewrite", call.Step.Impact.Cost == Cost.Rewrite ? "off" : "on"),
                ]
            );
            foreach (string patient in call.Step.PatientLocks)
            {
                await connection.ExecuteLongAsync(patient, cancel);
            }
        }
        catch (PostgresException error)
            when (error.SqlState == PostgresErrorCodes.LockNotAvailable
                || (error.SqlState == PostgresErrorCodes.QueryCanceled && !cancel.IsCancellationRequested)
            )
        {
            // Cancelled: no single lock took too long, but those of all partitions together did. A mere reader does not
            // block these.
            return new DdlAttempt.NotObtained(
                await blockers.HoldersAsync(
                    [
                        .. call.Step.Impact.Locks.Select(held =>
                            (held.Relation, held.Blocks == Blocks.Nothing ? held.Mode : Locks.ShareUpdateExclusive)
                        ),
                    ],
                    connection.ProcessID,
                    cancel
                )
            );
        }

        for (int attempt = 1; ; attempt++)
        {
            // While this transaction holds only locks that block no app, checking again is free.
            if (
                attempt > 1
                && (await blockers.LongHoldersAsync(StrongLocks(call.Step), connection.ProcessID, cancel)).Count > 0
            )
            {
                return await NotObtainedAsync(call.Step, connection.ProcessID, cancel);
            }

            await transaction.SaveAsync("strong", cancel);
            switch (await RunAsync(connection, transaction, call, limits, cancel))
            {
                case DdlAttempt.NotObtained when attempt < TriesPerTransaction:
                    await transaction.RollbackAsync("strong", cancel);
                    await Task.Delay(BetweenTries * (0.5 + Random.Shared.NextDouble()), cancel);
                    break;
                case var ended:
                    return ended;
            }
        }
    }

    private async Task<DdlAttempt> RunAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        DdlCall call,
        Limits limits,
        CancellationToken cancel
    )
    {
        Hold hold = new(limits.HoldBudgetMs);
        try
        {
            TimeSpan waited = await LockAsync(connection, call.Step, limits.LockTimeoutMs, hold, cancel);
            if (await IsObstructedAsync(connection, call.Step, cancel))
            {
                return new DdlAttempt.Obstructed();
            }

            await using NpgsqlBatch batch = connection.NewBatch();
            foreach (string statement in call.Step.Statements)
            {
                Hold.AddLimit(batch);
                batch.Add(statement);
            }

            Hold.AddLimit(batch);
            batch.Add("SELECT segue.fence($1)", call.Lease.Token);
            Hold.AddLimit(batch);
            batch.Add(
                "UPDATE segue.step SET state = $3, lock_wait_ms = $4, ended_at = clock_timestamp(), error "
                    + "= NULL WHERE change = $1 AND id = $2",
                call.Plan.Change,
                call.LedgerStep,
                Text.SnakeCase(call.RecordAs),
                waited.TotalMilliseconds
            );
            Hold.AddLimit(batch);
            batch.Add(
                "SELECT segue.append_event($1, $2, $3)",
                call.Plan.Change,
                $"step_{Text.SnakeCase(call.RecordAs)}",
                call.Step.Id
            );
            Hold.AddLimit(batch);
            await batch.ExecuteNonQueryAsync(cancel);
            if (hold.Elapsed.TotalMilliseconds > limits.HoldBudgetMs)
            {
                return new DdlAttempt.OverBudget(hold.Elapsed);
            }

            if (
                call.Step.IsWatched
                && await UnstatedLocks.OfAsync(database, connection, call.Step.Impact.Locks, cancel)
                    is { Count: > 0 } unstated
            )
            {
                return new DdlAttempt.Unstated(unstated);
            }

            await transaction.CommitAsync(cancel);
            TimeSpan held = hold.Elapsed;
            await RecordHoldAsync(call, held, cancel);
            return new DdlAttempt.Applied(waited, held);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return await NotObtainedAsync(call.Step, connection.ProcessID, cancel);
        }
        catch (PostgresException error) when (Hold.IsOver(error) && !cancel.IsCancellationRequested)
        {
            return hold.HasBegun
                ? new DdlAttempt.OverBudget(hold.Elapsed)
                : await NotObtainedAsync(call.Step, connection.ProcessID, cancel);
        }
    }

    /// <summary>
    /// The first lock alone, so that waiting and holding are measured separately. From then on the hold budget counts.
    /// </summary>
    /// <returns>How long it waited for the first one.</returns>
    private static async Task<TimeSpan> LockAsync(
        NpgsqlConnection connection,
        DdlStep step,
        int lockTimeout,
        Hold hold,
        CancellationToken cancel
    )
    {
        await using NpgsqlBatch first = connection.NewBatch();
        first.AddLocal(
            LocalSettings.Milliseconds("lock_timeout", lockTimeout),
            LocalSettings.Milliseconds("statement_timeout", lockTimeout * 2)
        );
        foreach (string statement in step.Locks.Take(1))
        {
            first.Add(statement);
        }

        hold.AddBegin(first);
        long asked = TimeProvider.System.GetTimestamp();
        await first.ExecuteNonQueryAsync(cancel);
        TimeSpan waited = TimeProvider.System.GetElapsedTime(asked);
        hold.Begin();
        if (step.Locks.Count > 1)
        {
            await using NpgsqlBatch others = connection.NewBatch();
            foreach (string statement in step.Locks.Skip(1))
            {
                Hold.AddLimit(others);
                others.Add(statement);
            }

            Hold.AddLimit(others);
            await others.ExecuteNonQueryAsync(cancel);
        }

        return waited;
    }

    /// <summary>
    /// Checked again under the locks: the session we waited for may have created it. The settings of the question are
    /// undone.
    /// </summary>
    private static async Task<bool> IsObstructedAsync(
        NpgsqlConnection connection,
        DdlStep step,
        CancellationToken cancel
    )
    {
        if (step.Obstacle is not { } obstacle)
        {
            return false;
        }

        await using NpgsqlBatch asking = connection.NewBatch();
        Hold.AddLimit(asking);
        asking.Add("SAVEPOINT asking");
        asking.Add(obstacle.Exists);
        asking.Add("ROLLBACK TO SAVEPOINT asking");
        asking.Add("RELEASE SAVEPOINT asking");
        Hold.AddLimit(asking);
        await using NpgsqlDataReader answers = await asking.ExecuteReaderAsync(cancel);
        return await answers.NextResultAsync(cancel) && await answers.ReadAsync(cancel) && answers.GetBoolean(0);
    }

    private async Task<DdlAttempt> NotObtainedAsync(DdlStep step, int own, CancellationToken cancel) =>
        new DdlAttempt.NotObtained(await blockers.HoldersAsync(StrongLocks(step), own, cancel));

    private async Task RecordHoldAsync(DdlCall call, TimeSpan held, CancellationToken cancel) =>
        await database.ExecuteAsync(
            "UPDATE segue.step SET lock_hold_ms = $3 WHERE change = $1 AND id = $2 AND EXISTS (SELECT FROM "
                + "segue.lease WHERE token = $4)",
            cancel,
            call.Plan.Change,
            call.LedgerStep,
            held.TotalMilliseconds,
            call.Lease.Token
        );

    private static IReadOnlyList<(string Relation, string Mode)> StrongLocks(DdlStep step) =>
        [.. step.Impact.Locks.Where(held => held.Blocks != Blocks.Nothing).Select(held => (held.Relation, held.Mode))];
}

using Npgsql;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// One short transaction: first SHARE UPDATE EXCLUSIVE, patiently, which blocks no app and makes an autovacuum yield;
/// then, in one message, the strong locks under the lock timeout, the statements within the hold budget, the ledger's
/// record and COMMIT.
/// </summary>
internal sealed class DdlAttempts(Database database, Blockers blockers) : IDdlAttempts
{
    /// <summary>
    /// Tries for the strong locks while the patient ones are kept: to evict an autovacuum again would cost another
    /// second.
    /// </summary>
    private const int TriesPerTransaction = 5;

    /// <summary>The SQLSTATE by which a batch reports that the step's obstacle exists.</summary>
    private const string IsThere = "SG012";

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
        if (await TakePatientlyAsync(connection, call, limits, cancel) is { } notObtained)
        {
            return notObtained;
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
                    await Task.Delay(BetweenTries * (0.5 + Random.Shared.NextDouble()), database.Time, cancel);
                    break;
                case var ended:
                    return ended;
            }
        }
    }

    /// <summary>Null if the transaction has the locks that block no app; otherwise who holds them.</summary>
    private async Task<DdlAttempt.NotObtained?> TakePatientlyAsync(
        NpgsqlConnection connection,
        DdlCall call,
        Limits limits,
        CancellationToken cancel
    )
    {
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

            return null;
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
    }

    private async Task<DdlAttempt> RunAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        DdlCall call,
        Limits limits,
        CancellationToken cancel
    )
    {
        Hold hold = new(limits.HoldBudgetMs, database.Time);
        try
        {
            await using NpgsqlBatch batch = connection.NewBatch();
            AddFirstLock(batch, call.Step, limits, hold);
            AddStatements(batch, call);
            if (!call.Step.IsWatched)
            {
                Hold.AddCommit(batch);
            }

            await hold.RunAsync(batch, cancel);
            if (call.Step.IsWatched)
            {
                if (
                    await UnstatedLocks.OfAsync(database, connection, call.Step.Impact.Locks, cancel) is
                    { Count: > 0 } unstated
                )
                {
                    return new DdlAttempt.Unstated(unstated);
                }

                await using NpgsqlBatch commit = connection.NewBatch();
                Hold.AddCommit(commit);
                await hold.RunAsync(commit, cancel);
            }

            await RecordHoldAsync(call, hold.Elapsed, cancel);
            return new DdlAttempt.Applied(hold.Waited, hold.Elapsed);
        }
        catch (PostgresException error) when (error.SqlState == IsThere)
        {
            return new DdlAttempt.Obstructed();
        }
        catch (PostgresException error) when (error.SqlState == OldWriteRows.Wrote)
        {
            return new DdlAttempt.OldCodeWrote();
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

    /// <summary>The first lock. From then on the hold budget counts.</summary>
    private static void AddFirstLock(NpgsqlBatch batch, DdlStep step, Limits limits, Hold hold)
    {
        batch.AddLocal(
            LocalSettings.Milliseconds("lock_timeout", limits.LockTimeoutMs),
            LocalSettings.Milliseconds("statement_timeout", limits.LockTimeoutMs * 2)
        );
        Hold.AddAsk(batch);
        foreach (string statement in step.Locks.Take(1))
        {
            batch.Add(statement);
        }

        hold.AddBegin(batch);
    }

    /// <summary>The other locks, the step's statements, and its record.</summary>
    private static void AddStatements(NpgsqlBatch batch, DdlCall call)
    {
        DdlStep step = call.Step;
        foreach (string statement in step.Locks.Skip(1))
        {
            batch.Add(statement);
            Hold.AddLimit(batch);
        }

        if (step.Obstacle is { } obstacle)
        {
            // Checked again under the locks: the session we waited for may have created it. The settings of the
            // question are undone.
            string exists = Printing.Asked(obstacle.Exists);
            batch.Add("SAVEPOINT asking");
            batch.Add(
                Sql.Do($"BEGIN IF ({exists}\n) THEN RAISE 'obstructed' USING ERRCODE = '{IsThere}'; END IF; END")
            );
            batch.Add("ROLLBACK TO SAVEPOINT asking");
            batch.Add("RELEASE SAVEPOINT asking");
            Hold.AddLimit(batch);
        }

        if (call.QuietFor > TimeSpan.Zero)
        {
            // Under the locks no transaction is left that could still write in the old shape unseen.
            batch.Add(OldWriteRows.Refuse(call.Plan.Change, call.QuietFor));
            Hold.AddLimit(batch);
        }

        foreach (string statement in step.Statements)
        {
            batch.Add(statement);
            Hold.AddLimit(batch);
        }

        batch.Add("SELECT segue.fence($1)", call.Lease.Token);
        Hold.AddLimit(batch);
        batch.Add(
            "UPDATE segue.step SET state = $3, lock_wait_ms = current_setting('segue.lock_wait')::double precision, "
                + "ended_at = clock_timestamp(), error = NULL WHERE change = $1 AND id = $2",
            call.Plan.Change,
            call.LedgerStep,
            Text.SnakeCase(call.RecordAs)
        );
        Hold.AddLimit(batch);
        if (call.Retention is { } retention)
        {
            batch.AddRetention(call.Plan.Change, call.LedgerStep, retention);
            Hold.AddLimit(batch);
        }

        batch.Add(
            "SELECT segue.append_event($1, $2, $3)",
            call.Plan.Change,
            $"step_{Text.SnakeCase(call.RecordAs)}",
            step.Id
        );
        Hold.AddLimit(batch);
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

using System.Data;
using Npgsql;
using NpgsqlTypes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>The ledger in schema <c>segue</c> of the target database.</summary>
internal sealed class PostgresLedger(Database database, LedgerMark mark) : ILedger
{
    /// <summary>
    /// Serialises creation only; taken for the length of one short transaction. The number is "segue" in ASCII.
    /// </summary>
    internal const long CreationLock = 0x7365677565;

    /// <summary>Any of its tables: a damaged ledger must not count as missing.</summary>
    private const string HasLedger = """
        SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE nspname = 'segue' AND relkind = 'r'
            AND relname IN ('meta', 'change', 'plan', 'step', 'backfill', 'lease', 'event'))
        """;

    // A change in progress counts as failed: apply and rollback continue from the steps.
    private const string RebuildChanges = """
        INSERT INTO segue.change (name, content_hash, plan_hash, status, stage, rolling_back, error)
        SELECT DISTINCT ON (p.change) p.change, coalesce(substring(p.json FROM '"changeHash":"([^"]*)"'), ''), p.hash,
               CASE WHEN e.kind IN ('completed', 'rolled_back') THEN e.kind ELSE 'failed' END, r.message,
               coalesce(r.message = 'rollback' AND e.kind NOT IN ('completed', 'rolled_back', 'planned'), false),
               CASE WHEN e.kind IN ('completed', 'rolled_back') THEN NULL
                   ELSE 'The ledger was damaged; this record was rebuilt from its events.' END
        FROM segue.plan p
        LEFT JOIN LATERAL (SELECT kind FROM segue.event WHERE change = p.change
            AND kind IN ('planned', 'running', 'waiting', 'failed', 'completed', 'rolled_back')
                           ORDER BY id DESC LIMIT 1) e ON true
        LEFT JOIN LATERAL (SELECT message FROM segue.event WHERE change = p.change AND kind = 'running'
            ORDER BY id DESC LIMIT 1) r ON true
        ORDER BY p.change, p.created_at DESC
        """;

    private const string MayReadPlans = """
        SELECT has_schema_privilege('segue', 'USAGE') AND has_table_privilege(to_regclass('segue.change'), 'SELECT')
            AND has_table_privilege(to_regclass('segue.plan'), 'SELECT')
        FROM pg_namespace WHERE nspname = 'segue'
        """;

    // The hour: after a failover another server's clock counts.
    private const string OtherPlans = """
        SELECT c.name, c.status, p.json FROM segue.change c
          JOIN segue.plan p ON p.change = c.name AND p.hash = c.plan_hash
        WHERE c.name <> $1 AND c.status <> 'rolled_back'
          AND (c.status <> 'completed' OR c.updated_at > (SELECT own.created_at - interval '1 hour'
                FROM segue.change AS self JOIN segue.plan AS own ON own.change = self.name AND own.hash = self.plan_hash
                WHERE self.name = $1))
        ORDER BY c.name COLLATE "C"
        """;

    public async Task<bool> ExistsAsync(CancellationToken cancel) =>
        // Unlike to_regclass this needs no privilege on the schema, so a role without it gets the name of the missing
        // privilege.
        await database.ScalarAsync<bool>(HasLedger, cancel);

    public async Task EnsureAsync(CancellationToken cancel)
    {
        IReadOnlyList<string> seen = await database.QueryAsync(
            LedgerParts.PresentQuery,
            row => row.GetString(0),
            cancel
        );
        if (
            seen.Contains(LedgerParts.Meta)
            && Checked(await database.ScalarAsync<int>("SELECT version FROM segue.meta", cancel))
                == LedgerSchema.Version
            && LedgerParts.Missing(seen, LedgerSchema.Version).Count == 0
        )
        {
            return;
        }

        await using NpgsqlConnection connection = await database.OpenAsync(cancel);

        // Read committed, whatever the role's default: objects that another runner created while we waited for the lock
        // must be visible.
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(
            IsolationLevel.ReadCommitted,
            cancel
        );
        await connection.ExecuteAsync("SELECT set_config('lock_timeout', '10s', true)", cancel);
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock($1)", cancel, CreationLock);

        // Reads the catalog's tables: to_regnamespace and to_regclass may answer from this session's cache, which the
        // lock does not refresh.
        if (
            !await connection.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'segue')",
                cancel
            )
        )
        {
            await connection.ExecuteAsync("CREATE SCHEMA segue", cancel);
        }

        await CompleteAsync(
            connection,
            await connection.QueryAsync(LedgerParts.PresentQuery, row => row.GetString(0), cancel),
            cancel
        );
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Creates it, upgrades it, and recreates its missing parts.</summary>
    private static async Task CompleteAsync(
        NpgsqlConnection connection,
        IReadOnlyList<string> present,
        CancellationToken cancel
    )
    {
        bool isNew = !LedgerParts.HasLedger(present);
        int? known = present.Contains(LedgerParts.Meta)
            ? await connection.ScalarAsync<int?>("SELECT version FROM segue.meta", cancel)
            : null;

        // Without its version it counts as the newest: missing parts are created.
        int version = Checked(known ?? (isNew ? 0 : LedgerSchema.Version));
        IReadOnlyList<string> missing = LedgerParts.Missing(present, version);
        foreach (
            string statement in LedgerParts.Mending(present, version).Concat(LedgerParts.Upgrading(present, version))
        )
        {
            await connection.ExecuteAsync(statement, cancel);
        }

        await connection.ExecuteAsync(
            "INSERT INTO segue.meta (version) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET version = "
                + "excluded.version",
            cancel,
            LedgerSchema.Version
        );
        if (missing.Contains(LedgerParts.Change))
        {
            await connection.ExecuteAsync(RebuildChanges, cancel);
        }

        foreach (string key in LedgerParts.MendingKeys(present, version))
        {
            await connection.ExecuteAsync(key, cancel);
        }

        if (missing.Count > 0)
        {
            await connection.ExecuteAsync(
                "SELECT segue.append_event(NULL, 'mended', $1)",
                cancel,
                $"created again: {string.Join(", ", missing)}"
            );
        }
    }

    public async Task<ChangeRecord?> FindAsync(string change, CancellationToken cancel) =>
        (await database.QueryAsync($"{ChangeQuery} WHERE name = $1", Read, cancel, change)).SingleOrDefault();

    public Task<IReadOnlyList<ChangeRecord>> ListAsync(CancellationToken cancel) =>
        database.QueryAsync($"{ChangeQuery} ORDER BY name COLLATE \"C\"", Read, cancel);

    public Task<IReadOnlyList<StepRecord>> StepsAsync(string change, CancellationToken cancel) =>
        database.QueryAsync(
            "SELECT id, stage, state, attempts, lock_wait_ms, lock_hold_ms, started_at, ended_at, error, "
                + "evidence::text FROM segue.step WHERE change = $1 ORDER BY ordinal",
            row => new StepRecord
            {
                Id = row.GetString(0),
                Stage = row.GetString(1),
                State = FromText<StepState>(row.GetString(2)),
                Attempts = row.GetInt32(3),
                LockWait = Milliseconds(row.Nullable<double?>(4)),
                LockHold = Milliseconds(row.Nullable<double?>(5)),
                StartedAt = row.Nullable<DateTimeOffset?>(6),
                EndedAt = row.Nullable<DateTimeOffset?>(7),
                Error = row.Nullable<string>(8),
                Evidence = row.Nullable<string>(9),
            },
            cancel,
            change
        );

    public async Task<ILookup<string, BackfillRecord>> BackfillsAsync(
        IReadOnlyList<string> changes,
        CancellationToken cancel
    ) =>
        (
            await database.QueryAsync(
                "SELECT change, step, relation, rows_total, rows_done, blocks_total, blocks_done, blocks_skipped, "
                    + "rows_per_second, finished, cursor::text FROM segue.backfill WHERE change = ANY ($1) "
                    + "ORDER BY started_at",
                row =>
                    (
                        Change: row.GetString(0),
                        Fill: new BackfillRecord
                        {
                            StepId = row.GetString(1),
                            Relation = row.GetString(2),
                            RowsTotal = row.GetInt64(3),
                            RowsDone = row.GetInt64(4),
                            UnitsTotal = row.GetInt64(5),
                            UnitsDone = row.GetInt64(6),
                            UnitsSkipped = row.GetInt64(7),
                            RowsPerSecond = row.GetDouble(8),
                            Finished = row.GetBoolean(9),
                            Failed = CursorText.Read(row.GetString(10))?.Failed ?? FailedRows.None,
                        }
                    ),
                cancel,
                (object)changes.ToArray()
            )
        ).ToLookup(each => each.Change, each => each.Fill);

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(string? change, int limit, CancellationToken cancel) =>
        new EventRows(database).LatestAsync(change, limit, cancel);

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(
        string? change,
        long afterId,
        int limit,
        CancellationToken cancel
    ) => new EventRows(database).AfterAsync(change, afterId, limit, cancel);

    public async Task<IReadOnlyList<RetainedRecord>> RetainedAsync(CancellationToken cancel) =>
        // A ledger that was not upgraded yet keeps nothing.
        !await database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'retained' AND relnamespace = "
                + "to_regnamespace('segue'))",
            cancel
        )
            ? []
            : await database.QueryAsync(
                "SELECT change, step, what, relation, since, until, until <= clock_timestamp() FROM "
                    + "segue.retained WHERE purged_at IS NULL ORDER BY until, change, what",
                row => new RetainedRecord(
                    row.GetString(0),
                    row.GetString(1),
                    row.GetString(2),
                    row.GetString(3),
                    row.GetFieldValue<DateTimeOffset>(4),
                    row.GetFieldValue<DateTimeOffset>(5),
                    row.GetBoolean(6)
                ),
                cancel
            );

    public async Task<string> PlanAsync(string change, CancellationToken cancel) =>
        await database.ScalarAsync<string>(
            "SELECT json FROM segue.plan p JOIN segue.change c ON c.name = p.change AND c.plan_hash = "
                + "p.hash WHERE c.name = $1",
            cancel,
            change
        )
        ?? throw new LedgerDamagedException(
            $"The ledger's plan of {change} is missing from segue.plan. Restore the row from a backup; "
                + "without one see \"The ledger is damaged\" in docs/troubleshooting.md."
        );

    public async Task<IReadOnlyList<PlanRecord>> OtherPlansAsync(string change, CancellationToken cancel) =>
        await database.ScalarAsync<bool?>(MayReadPlans, cancel) != true
            ? []
            : await database.QueryAsync(
                OtherPlans,
                row => new PlanRecord(row.GetString(0), FromText<ChangeStatus>(row.GetString(1)), row.GetString(2)),
                cancel,
                change
            );

    public async Task BeginAsync(Plan plan, ChangeOrigin origin, Lease lease, CancellationToken cancel)
    {
        string hash = PlanJson.Hash(plan);
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Add("SELECT segue.fence($1)", lease.Token);
        batch.Add(
            """
            INSERT INTO segue.change (name, description, content_hash, plan_hash, git_commit, author, status)
                VALUES ($1, $2, $3, $4, $5, $6, 'pending')
            ON CONFLICT (name) DO UPDATE SET description = excluded.description, content_hash = excluded.content_hash,
                plan_hash = excluded.plan_hash,
              git_commit = excluded.git_commit, author = excluded.author, status = 'pending', stage = NULL, gate = NULL,
                  pause_requested = false,
              rolling_back = false, throttle_reason = NULL, error = NULL, updated_at = clock_timestamp()
            """,
            plan.Change,
            Text(origin.Description),
            plan.ChangeHash,
            hash,
            Text(origin.GitCommit),
            Text(origin.Author)
        );
        batch.Add("DELETE FROM segue.step WHERE change = $1", plan.Change);
        batch.Add("DELETE FROM segue.backfill WHERE change = $1", plan.Change);
        batch.Add(
            "INSERT INTO segue.plan (hash, change, json) VALUES ($1, $2, $3) ON CONFLICT (change, hash) DO "
                + "UPDATE SET json = excluded.json, created_at = clock_timestamp()",
            hash,
            plan.Change,
            PlanJson.Canonical(plan)
        );
        foreach (object[] row in StepRows(plan))
        {
            batch.Add(
                "INSERT INTO segue.step (change, id, ordinal, stage, kind, title) VALUES ($1, $2, $3, $4, $5, $6)",
                row
            );
        }

        batch.Add("SELECT segue.append_event($1, 'planned', $2)", plan.Change, $"plan {hash}");
        await MarkAsync(batch, cancel);
    }

    public Task MendStepsAsync(Plan plan, IReadOnlySet<string> shown, Lease lease, CancellationToken cancel) =>
        FencedAsync(
            lease,
            batch =>
            {
                foreach (object[] row in StepRows(plan))
                {
                    batch.Add(MendStep, [.. row, shown.Contains((string)row[1]) ? "done" : "pending"]);
                }

                batch.Add("SELECT segue.append_event($1, 'mended', 'steps')", plan.Change);
            },
            cancel
        );

    public Task SetStatusAsync(string change, ChangeProgress progress, Lease lease, CancellationToken cancel) =>
        FencedAsync(
            lease,
            batch =>
            {
                batch.Add(
                    "UPDATE segue.change SET status = $2, stage = coalesce($3, stage), gate = $4, error = "
                        + "$5, rolling_back = $6, throttle_reason = NULL, updated_at = clock_timestamp() WHERE "
                        + "name = $1",
                    change,
                    Segue.Text.SnakeCase(progress.Status),
                    Text(progress.Stage),
                    Text(progress.Gate),
                    Text(progress.Error),
                    progress.RollingBack
                );
                if (progress.Status == ChangeStatus.Failed)
                {
                    batch.Add(
                        "UPDATE segue.step SET state = 'failed', error = $2, ended_at = clock_timestamp() "
                            + "WHERE change = $1 AND (state = 'running' OR (state = 'failed' AND error IS NULL))",
                        change,
                        Text(progress.Error)
                    );
                }

                string detail = progress.Error ?? progress.Gate ?? progress.Stage ?? "";
                batch.Add(
                    "SELECT segue.append_event($1, $2, $3)",
                    change,
                    Segue.Text.SnakeCase(progress.Status),
                    detail
                );
            },
            cancel
        );

    public Task SetStepAsync(
        string change,
        string step,
        StepState state,
        string? detail,
        Lease lease,
        CancellationToken cancel
    ) =>
        FencedAsync(
            lease,
            batch =>
            {
                batch.Add(
                    """
                    UPDATE segue.step SET state = $3, error = NULL, evidence = coalesce($4::jsonb, evidence),
                        attempts = attempts + CASE WHEN $3 = 'running' THEN 1 ELSE 0 END,
                      started_at = CASE WHEN $3 = 'running' THEN clock_timestamp() ELSE started_at END,
                      ended_at = CASE WHEN $3 = 'running' THEN NULL ELSE coalesce(ended_at, clock_timestamp()) END
                    WHERE change = $1 AND id = $2
                    """,
                    change,
                    step,
                    Segue.Text.SnakeCase(state),
                    Text(detail)
                );
                batch.Add("SELECT segue.append_event($1, $2, $3)", change, $"step_{Segue.Text.SnakeCase(state)}", step);
            },
            cancel
        );

    public Task SetRetentionAsync(
        string change,
        string step,
        RetentionEntry entry,
        Lease lease,
        CancellationToken cancel
    ) => FencedAsync(lease, batch => batch.AddRetention(change, step, entry), cancel);

    public Task SetThrottleAsync(string change, string? reason, Lease lease, CancellationToken cancel) =>
        FencedAsync(
            lease,
            batch =>
                batch.Add(
                    "UPDATE segue.change SET throttle_reason = $2, updated_at = clock_timestamp() WHERE name = $1",
                    change,
                    Text(reason)
                ),
            cancel
        );

    public async Task<string?> ForgottenAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);

        // Refused by a standby: writes that it has not replayed yet are not lost.
        await connection.ExecuteAsync("SELECT pg_current_xact_id()", cancel);
        if (!await connection.ScalarAsync<bool>(HasLedger, cancel))
        {
            return "the ledger, schema segue";
        }

        return await ForgottenRowsAsync(connection, cancel) ?? await ForgottenEventAsync(connection, cancel);
    }

    private async Task<string?> ForgottenEventAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        mark.Event is { } last
        && !await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM segue.event WHERE id = $1 AND hash = $2)",
            cancel,
            last.Id,
            last.Hash
        )
            ? $"event {last.Id}, \"{last.What}\""
            : null;

    /// <summary>
    /// Batches commit asynchronously: a crash of the same server loses the last ones, and they run again.
    /// </summary>
    private async Task<string?> ForgottenRowsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (
            mark.Timeline is null
            || await PostgresLeases.TimelineAsync(connection, cancel) is not { } timeline
            || timeline == mark.Timeline
        )
        {
            return null;
        }

        foreach ((BackfillKey key, long rows) in mark.Rows)
        {
            long held =
                await connection.ScalarAsync<long?>(
                    "SELECT rows_done FROM segue.backfill WHERE change = $1 AND step = $2 AND relation = $3",
                    cancel,
                    key.Change,
                    key.Step,
                    key.Relation
                ) ?? 0;
            if (held < rows)
            {
                return $"batches of {key.Relation}: it had filled {Plain.Count(rows)} rows, and the ledger has "
                    + $"{Plain.Count(held)}";
            }
        }

        return null;
    }

    public Task RequestPauseAsync(string change, bool paused, string message, CancellationToken cancel) =>
        database.ExecuteAsync(
            """
            WITH asked AS (UPDATE segue.change SET pause_requested = $2 WHERE name = $1)
            SELECT segue.append_event($1, $3, $4)
            """,
            cancel,
            change,
            paused,
            paused ? "pause_requested" : "resume_requested",
            message
        );

    public Task AppendAsync(string? change, string kind, string message, CancellationToken cancel) =>
        database.ExecuteAsync("SELECT segue.append_event($1, $2, $3)", cancel, Text(change), kind, message);

    private async Task FencedAsync(Lease lease, Action<NpgsqlBatch> add, CancellationToken cancel)
    {
        // Without an explicit transaction a batch is a transaction: all of it or nothing.
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Add("SELECT segue.fence($1)", lease.Token);
        add(batch);
        await MarkAsync(batch, cancel);
    }

    /// <summary>Runs the batch and remembers the events it appended.</summary>
    private async Task MarkAsync(NpgsqlBatch batch, CancellationToken cancel)
    {
        // The session that appended holds the row lock of appending until the commit: the last event is the batch's
        // own.
        batch.Add("SELECT id, hash, concat_ws(' ', kind, left(message, 80)) FROM segue.event ORDER BY id DESC LIMIT 1");
        LedgerMarkEvent? last = null;
        await using (NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel))
        {
            do
            {
                last =
                    reader.FieldCount == 3 && await reader.ReadAsync(cancel)
                        ? new LedgerMarkEvent(reader.GetInt64(0), reader.GetString(1), reader.GetString(2))
                        : last;
            } while (await reader.NextResultAsync(cancel));
        }

        mark.Event = last;
    }

    private static IEnumerable<object[]> StepRows(Plan plan) =>
        plan
            .Stages.SelectMany(stage => stage.Steps.Select(step => (stage, step)))
            .Select(
                (of, ordinal) =>
                    new object[]
                    {
                        plan.Change,
                        of.step.Id,
                        ordinal,
                        Segue.Text.SnakeCase(of.stage.Name),
                        of.step.GetType().Name.Replace("Step", "").ToLowerInvariant(),
                        of.step.Title,
                    }
            );

    // The record of events shows the state of each step. If it is missing as well, the catalog decides.
    private const string MendStep = """
        INSERT INTO segue.step (change, id, ordinal, stage, kind, title, state, lock_wait_ms)
        SELECT $1, $2, $3, $4, $5, $6, state, CASE WHEN state = 'done' AND $5 = 'ddl' THEN 0 END
        FROM (SELECT max(id) AS id FROM segue.event WHERE change = $1 AND kind = 'planned') AS planned,
             LATERAL (SELECT CASE WHEN planned.id IS NULL THEN $7
                 ELSE coalesce((SELECT substr(kind, 6) FROM segue.event e
                      WHERE e.change = $1 AND e.message = $2 AND e.id > planned.id
                          AND kind IN ('step_pending', 'step_running', 'step_done', 'step_failed', 'step_undone')
                      ORDER BY e.id DESC LIMIT 1), 'pending') END AS state) AS known
        ON CONFLICT (change, id) DO NOTHING
        """;

    private static int Checked(int version) =>
        version > LedgerSchema.Version ? throw new LedgerTooNewException(version, LedgerSchema.Version) : version;

    private const string ChangeQuery = $"""
        SELECT name, description, content_hash, plan_hash, git_commit, author, status, stage, gate, pause_requested,
            rolling_back, throttle_reason, error, created_at, updated_at,
               status IN ('running', 'paused') AND NOT EXISTS (SELECT FROM segue.lease WHERE {PostgresLeases.IsAlive})
        FROM segue.change
        """;

    private static ChangeRecord Read(NpgsqlDataReader row) =>
        new()
        {
            Name = row.GetString(0),
            Description = row.Nullable<string>(1),
            ContentHash = row.GetString(2),
            PlanHash = row.GetString(3),
            GitCommit = row.Nullable<string>(4),
            Author = row.Nullable<string>(5),
            Status = FromText<ChangeStatus>(row.GetString(6)),
            Stage = row.Nullable<string>(7),
            Gate = row.Nullable<string>(8),
            PauseRequested = row.GetBoolean(9),
            RollingBack = row.GetBoolean(10),
            ThrottleReason = row.Nullable<string>(11),
            Error = row.Nullable<string>(12),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(13),
            UpdatedAt = row.GetFieldValue<DateTimeOffset>(14),
            RunnerIsGone = row.GetBoolean(15),
        };

    private static T FromText<T>(string text)
        where T : struct, Enum => Enum.Parse<T>(text.Replace("_", ""), ignoreCase: true);

    private static TimeSpan? Milliseconds(double? value) => value is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    /// <summary>A text that may be NULL, with its type, so that the server can tell.</summary>
    private static NpgsqlParameter Text(string? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };
}

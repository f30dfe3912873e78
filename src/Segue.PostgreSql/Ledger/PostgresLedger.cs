using Npgsql;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>The ledger in schema <c>segue</c> of the target database.</summary>
internal sealed class PostgresLedger(Database database, LedgerMark mark) : ILedger
{
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
        await database.ScalarAsync<bool>(LedgerCreation.ExistsQuery, cancel);

    public Task EnsureAsync(CancellationToken cancel) => new LedgerCreation(database).EnsureAsync(cancel);

    public Task<ChangeRecord?> FindAsync(string change, CancellationToken cancel) =>
        new ChangeRows(database).FindAsync(change, cancel);

    public Task<IReadOnlyList<ChangeRecord>> ListAsync(CancellationToken cancel) =>
        new ChangeRows(database).ListAsync(cancel);

    public Task<IReadOnlyList<StepRecord>> StepsAsync(string change, CancellationToken cancel) =>
        new ChangeRows(database).StepsAsync(change, cancel);

    public Task<ILookup<string, BackfillRecord>> BackfillsAsync(
        IReadOnlyList<string> changes,
        CancellationToken cancel
    ) => new ChangeRows(database).BackfillsAsync(changes, cancel);

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(string? change, int limit, CancellationToken cancel) =>
        new EventRows(database).LatestAsync(change, limit, cancel);

    public Task<IReadOnlyList<LedgerEvent>> EventsAsync(
        string? change,
        long afterId,
        int limit,
        CancellationToken cancel
    ) => new EventRows(database).AfterAsync(change, afterId, limit, cancel);

    public async Task<IReadOnlyList<RetainedRecord>> RetainedAsync(CancellationToken cancel) =>
        !await LedgerTable.ExistsAsync(database, "retained", cancel)
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

    public Task<IReadOnlyList<OldWrites>> OldWritesAsync(CancellationToken cancel) =>
        new OldWriteRows(database).AllAsync(cancel);

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
                row => new PlanRecord(
                    row.GetString(0),
                    ChangeRows.FromText<ChangeStatus>(row.GetString(1)),
                    row.GetString(2)
                ),
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
            TextParameter.Of(origin.Description),
            plan.ChangeHash,
            hash,
            TextParameter.Of(origin.GitCommit),
            TextParameter.Of(origin.Author)
        );
        batch.Add("DELETE FROM segue.step WHERE change = $1", plan.Change);
        batch.Add("DELETE FROM segue.backfill WHERE change = $1", plan.Change);
        batch.Add("DELETE FROM segue.old_write WHERE change = $1", plan.Change);
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
                    TextParameter.Of(progress.Stage),
                    TextParameter.Of(progress.Gate),
                    TextParameter.Of(progress.Error),
                    progress.RollingBack
                );
                if (progress.Status == ChangeStatus.Failed)
                {
                    batch.Add(
                        "UPDATE segue.step SET state = 'failed', error = $2, ended_at = clock_timestamp() "
                            + "WHERE change = $1 AND (state = 'running' OR (state = 'failed' AND error IS NULL))",
                        change,
                        TextParameter.Of(progress.Error)
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
                    TextParameter.Of(detail)
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
                    TextParameter.Of(reason)
                ),
            cancel
        );

    public Task<string?> ForgottenAsync(CancellationToken cancel) =>
        new ForgottenCommits(database, mark).FindAsync(cancel);

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
        database.ExecuteAsync("SELECT segue.append_event($1, $2, $3)", cancel, TextParameter.Of(change), kind, message);

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
}

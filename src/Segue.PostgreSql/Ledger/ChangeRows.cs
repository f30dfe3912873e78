using Npgsql;
using Segue.Ledger;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>Reads the ledger's changes, with their steps and fills.</summary>
internal sealed class ChangeRows(Database database)
{
    private const string ChangeQuery = $"""
        SELECT name, description, content_hash, plan_hash, git_commit, author, status, stage, gate, pause_requested,
            rolling_back, throttle_reason, error, created_at, updated_at,
               status IN ('running', 'paused') AND NOT EXISTS (SELECT FROM segue.lease WHERE {PostgresLeases.IsAlive})
        FROM segue.change
        """;

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

    public static T FromText<T>(string text)
        where T : struct, Enum => Enum.Parse<T>(text.Replace("_", ""), ignoreCase: true);

    private static TimeSpan? Milliseconds(double? value) => value is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
}

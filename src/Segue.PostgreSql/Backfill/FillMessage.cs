using Npgsql;
using NpgsqlTypes;
using Segue.Backfill;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Execution;

namespace Segue.PostgreSql.Backfill;

/// <summary>
/// Batches in one message, each from its BEGIN to its COMMIT: the server goes from one to the next without a word from us, so a round trip is paid once for all of
/// them, and never while a row is locked.
/// </summary>
internal sealed class FillMessage : IAsyncDisposable
{
    private readonly NpgsqlBatch _statements;
    private readonly IReadOnlyList<Batch> _batches;

    /// <summary>Where each batch's LOCK TABLE and COMMIT are among the statements.</summary>
    private readonly List<(int Lock, int Commit)> _places = [];
    private readonly List<BatchResult.Filled> _filled = [];
    private DateTime? _began;
    private DateTime _ended;

    public FillMessage(NpgsqlConnection connection, IReadOnlyList<Batch> batches)
    {
        _statements = connection.CreateBatch();
        _batches = batches;
        foreach (Batch batch in batches)
        {
            Add(batch);
        }
    }

    /// <summary>What is filled and answered so far; after an error only what was committed before it.</summary>
    public IReadOnlyList<BatchResult.Filled> Filled => _filled;

    public TimeSpan OnServer => _began is { } began ? _ended - began : TimeSpan.Zero;

    public async Task SendAsync(CancellationToken cancel)
    {
        try
        {
            await ReadAsync(cancel);
        }
        catch (PostgresException error) when (error.BatchCommand is { } failed)
        {
            int place = _statements.BatchCommands.IndexOf((NpgsqlBatchCommand)failed);
            int committed = _places.Count(batch => batch.Commit < place);
            _filled.RemoveRange(committed, _filled.Count - committed);
            throw;
        }
    }

    /// <summary>A table that is locked as a whole is told from a locked row.</summary>
    public bool IsAtTableLock(PostgresException error) =>
        error.BatchCommand is NpgsqlBatchCommand failed && _places.Exists(batch => batch.Lock == _statements.BatchCommands.IndexOf(failed));

    public ValueTask DisposeAsync() => _statements.DisposeAsync();

    private async Task ReadAsync(CancellationToken cancel)
    {
        await using NpgsqlDataReader reader = await _statements.ExecuteReaderAsync(cancel);
        do
        {
            if (!await reader.ReadAsync(cancel))
            {
                continue;
            }

            switch (reader.GetName(0))
            {
                case "began":
                    _began ??= reader.GetDateTime(0);
                    break;
                case "filled":
                    _ended = reader.GetDateTime(4);
                    _filled.Add(new BatchResult.Filled(reader.GetInt64(0), 0, TimeSpan.FromSeconds(reader.GetDouble(3)), reader.GetBoolean(2)) { RowsDone = reader.GetInt64(1) });
                    break;
                case "count":
                    _filled[^1] = _filled[^1] with { Left = reader.GetInt64(0) };
                    break;
            }
        }
        while (await reader.NextResultAsync(cancel));
    }

    private void Add(Batch batch)
    {
        _statements.Add("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        if (batch.Rest > TimeSpan.Zero)
        {
            _statements.Add("SELECT pg_sleep($1)", batch.Rest.TotalSeconds);
        }

        AddSettings(batch);
        _statements.Add("SELECT clock_timestamp() AS began, segue.fence($1)", batch.Lease.Token);

        // What the fill takes anyway, on its own.
        _statements.Add($"LOCK TABLE ONLY {batch.Target.Relation} IN ROW EXCLUSIVE MODE");
        int lockTable = _statements.BatchCommands.Count - 1;
        NpgsqlParameter first = Tid(batch.Range.Start);
        NpgsqlParameter end = Tid(batch.Range.End);
        AddFill(batch, first, end);
        if (batch.Mode == FillMode.Unlocked)
        {
            _statements.Add(batch.Target.CountLeft, Tid(batch.Range.Start), Tid(batch.Range.End));
        }

        _statements.Add("COMMIT");
        _places.Add((lockTable, _statements.BatchCommands.Count - 1));
    }

    private void AddSettings(Batch batch)
    {
        Limits limits = batch.Plan.Limits;
        _statements.AddLocal(
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

    private void AddFill(Batch batch, NpgsqlParameter first, NpgsqlParameter end)
    {
        (string statement, int? share) = batch.Mode switch
        {
            FillMode.Part => (batch.Target.FillPart, batch.Share),
            FillMode.Rest => (batch.Target.FillRest, (int?)null),
            _ => (batch.Target.FillUnlocked, null),
        };
        _statements.Add(
            "SELECT filled, total, pause, seconds, ended FROM segue.fill($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            statement, first, end, Typed(NpgsqlDbType.Integer, share), batch.Key.Change, batch.Key.Step, batch.Key.Relation, batch.Generation,
            batch.Cursor is { } cursor ? Batches.Json(cursor) : Typed(NpgsqlDbType.Jsonb, null), Typed(NpgsqlDbType.Bigint, batch.Cursor?.Next), batch.RowsPerSecond);
    }

    private static NpgsqlParameter Typed(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    private static NpgsqlParameter Tid(long block) => new() { NpgsqlDbType = NpgsqlDbType.Tid, Value = new NpgsqlTid((uint)block, 0) };
}

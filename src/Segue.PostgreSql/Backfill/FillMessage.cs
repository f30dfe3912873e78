using Npgsql;
using NpgsqlTypes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Backfill;

/// <summary>
/// Batches in one message, each from its BEGIN to its COMMIT: the server runs one after the other without a further
/// message, so all of them cost one round trip, and no round trip happens while a row is locked.
/// </summary>
internal sealed class FillMessage : IAsyncDisposable
{
    private const string Fill =
        "SELECT filled, total, pause, seconds, ended FROM segue.fill($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    private const string Commit = "COMMIT";

    /// <summary>Counts the results of a DO block.</summary>
    private const string Count = $"""
        SELECT (told ->> 'done')::bigint AS filled, a.total, a.pause,
            extract(epoch FROM clock_timestamp() - now())::float8, clock_timestamp(), told::text
        FROM (SELECT current_setting('{RangeSettings.Told}')::jsonb) AS answer (told),
            LATERAL segue.advance($1, $2, $3, $4, (told ->> 'done')::bigint, $5, $6, $7) AS a
        """;

    /// <summary>
    /// The server ends each batch without us: if a message is not answered for so long beyond that, the network is
    /// dead.
    /// </summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly NpgsqlBatch _statements;

    /// <summary>The positions of each batch's LOCK TABLE and COMMIT among the statements.</summary>
    private readonly List<(int Lock, int Commit)> _places = [];
    private readonly List<BatchResult.Filled> _filled = [];
    private DateTime? _began;
    private DateTime _ended;

    public FillMessage(NpgsqlConnection connection, IReadOnlyList<BatchPart> batches)
    {
        _statements = connection.NewBatch();
        _statements.Timeout = (int)(Silence + LongestOf(batches)).TotalSeconds;
        foreach (BatchPart part in batches)
        {
            Add(part);
        }
    }

    /// <summary>
    /// The batches that are filled and answered so far; after an error only those that committed before it.
    /// </summary>
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

    /// <summary>Distinguishes a table that is locked as a whole from a locked row.</summary>
    public bool IsAtTableLock(PostgresException error) =>
        error.BatchCommand is NpgsqlBatchCommand failed
        && _places.Exists(batch => batch.Lock == _statements.BatchCommands.IndexOf(failed));

    /// <summary>The error came from the fill of a row, or from a check at the end of the transaction.</summary>
    public static bool IsOfRows(PostgresException error, Batch batch) =>
        Errors.IsOfRows(error)
        && error.BatchCommand is { } command
        && (command.CommandText is Fill or Commit || command.CommandText == batch.Target.CountRemaining);

    public ValueTask DisposeAsync() => _statements.DisposeAsync();

    /// <summary>A batch fills, and may count the rows it left.</summary>
    private static TimeSpan LongestOf(IReadOnlyList<BatchPart> batches) =>
        TimeSpan.FromTicks(batches.Sum(part => (2 * part.Batch.Limit.Ticks) + part.Batch.Rest.Ticks));

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
                    RangeAnswer? told = reader.FieldCount > 5 ? RangeSettings.Read(reader.GetString(5)) : null;
                    _filled.Add(
                        new BatchResult.Filled(
                            reader.GetInt64(0),
                            told?.Others ?? 0,
                            TimeSpan.FromSeconds(reader.GetDouble(3)),
                            reader.GetBoolean(2)
                        )
                        {
                            RowsDone = reader.GetInt64(1),
                            Failed = told?.FailedRows ?? FailedRows.None,
                        }
                    );
                    break;
                case "count":
                    _filled[^1] = _filled[^1] with { Left = reader.GetInt64(0) };
                    break;
            }
        } while (await reader.NextResultAsync(cancel));
    }

    private void Add(BatchPart part)
    {
        Batch batch = part.Batch;
        _statements.Add("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        if (batch.Rest > TimeSpan.Zero)
        {
            _statements.Add("SELECT pg_sleep($1)", batch.Rest.TotalSeconds);
        }

        AddSettings(part);
        _statements.Add("SELECT clock_timestamp() AS began, segue.fence($1)", batch.Lease.Token);

        // Deferred triggers would run in COMMIT, where no time limit of the server holds and nobody measures them, with
        // the rows locked. So they run with the statement that fills.
        _statements.Add(Sql.RunDeferredNow);

        // The lock that the fill takes anyway, as a separate statement.
        _statements.Add($"LOCK TABLE ONLY {batch.Target.Relation} IN ROW EXCLUSIVE MODE");
        int lockTable = _statements.BatchCommands.Count - 1;
        AddFill(part);
        if (batch.Mode == FillMode.Unlocked)
        {
            _statements.Add(batch.Target.CountRemaining, part.First, part.Last);
        }

        _statements.Add(Commit);
        _places.Add((lockTable, _statements.BatchCommands.Count - 1));
    }

    private void AddSettings(BatchPart part)
    {
        Batch batch = part.Batch;
        Limits limits = batch.Plan.Limits;
        _statements.AddLocal([
            .. LocalSettings.Of(batch.Plan),
            LocalSettings.Milliseconds("lock_timeout", limits.RowLockTimeoutMs),
            LocalSettings.Milliseconds("statement_timeout", batch.Limit.TotalMilliseconds),
            LocalSettings.Milliseconds("idle_in_transaction_session_timeout", limits.HoldBudgetMs * 4),
            // A crash loses a batch and its cursor together; both simply run again.
            ("synchronous_commit", "off"),
            ("row_security", "off"),
            // A range's rows are found by their addresses, and so are those of values that were computed once.
            ("enable_seqscan", "off"),
            ("enable_tidscan", "on"),
            ("enable_nestloop", "on"),
            ("jit", "off"),
            .. batch.Mode == FillMode.Each ? RangeSettings.Of(part.Start, part.End) : [],
        ]);
    }

    private void AddFill(BatchPart part)
    {
        Batch batch = part.Batch;
        NpgsqlParameter cursor = batch.Cursor is { } place
            ? CursorText.Parameter(place)
            : Typed(NpgsqlDbType.Jsonb, null);
        NpgsqlParameter next = Typed(NpgsqlDbType.Bigint, batch.Cursor?.UnitsDone);
        if (batch.Mode == FillMode.Each)
        {
            _statements.Add(batch.Target.FillEach!);
            _statements.Add(
                Count,
                batch.Key.Change,
                batch.Key.Step,
                batch.Key.Relation,
                part.Generation,
                cursor,
                next,
                batch.RowsPerSecond
            );
            return;
        }

        (string statement, int? share) = batch.Mode switch
        {
            FillMode.Part => (batch.Target.FillPart, PassShare.Of(batch)),
            FillMode.Rest => (batch.Target.FillRest, (int?)null),
            _ => (batch.Target.FillUnlocked, null),
        };
        _statements.Add(
            Fill,
            statement,
            part.First,
            part.Last,
            Typed(NpgsqlDbType.Integer, share),
            batch.Key.Change,
            batch.Key.Step,
            batch.Key.Relation,
            part.Generation,
            cursor,
            next,
            batch.RowsPerSecond
        );
    }

    private static NpgsqlParameter Typed(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}

using Npgsql;
using NpgsqlTypes;
using Segue.Backfill;
using Segue.Planning;
using Segue.PostgreSql.Execution;
using Segue.Verification;

namespace Segue.PostgreSql.Verification;

internal sealed class Verifier(Database database, IBatches batches) : IVerifier
{
    public async Task<long> BlocksAsync(string relation, CancellationToken cancel) => (await batches.MeasureAsync(relation, cancel)).Blocks;

    public Task<RangeCounts> CountAsync(Plan plan, VerifyScan scan, BlockRange range, CancellationToken cancel) => AskAsync(
        Settings(plan, scan.Checks.Any(check => check.CallsVolatile), wholeTable: false),
        scan.Query, [Tid(range.Start), Tid(range.End)],
        row => (Compared: row.GetInt64(0), Mismatches: row.GetFieldType(1) == typeof(long) ? [row.GetInt64(1)] : row.GetFieldValue<long[]>(1)),
        (counts, took) => new RangeCounts(counts.Compared, counts.Mismatches, took), cancel);

    public Task<Tally> CompareAsync(Plan plan, VerifyCheck check, BlockRange range, CancellationToken cancel) => AskAsync(
        Settings(plan, check.CallsVolatile, check.WholeTable),
        check.Query, check.WholeTable ? [] : [Tid(range.Start), Tid(range.End)],
        row => new Tally(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<string[]>(2)),
        (tally, _) => tally, cancel);

    private static (string Name, string Value)[] Settings(Plan plan, bool callsVolatile, bool wholeTable) =>
    [
        .. LocalSettings.Of(plan), ("row_security", "off"), ("transaction_read_only", callsVolatile ? "off" : "on"),
        ("enable_seqscan", wholeTable ? "on" : "off"), ("jit", "off"),
    ];

    /// <summary>Settings, question and the time it took on the server in one round trip; it is rolled back.</summary>
    private async Task<TResult> AskAsync<TRow, TResult>(
        (string Name, string Value)[] settings, string query, object?[] parameters, Func<NpgsqlDataReader, TRow> read, Func<TRow, TimeSpan, TResult> answer,
        CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await using NpgsqlBatch question = connection.CreateBatch();
        question.Timeout = 0;
        question.AddLocal(settings);
        question.Add(query, parameters);
        question.Add("SELECT (extract(epoch FROM clock_timestamp() - now()) * 1000000)::bigint");
        await using NpgsqlDataReader reader = await question.ExecuteReaderAsync(cancel);
        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        TRow row = read(reader);
        await reader.NextResultAsync(cancel);
        await reader.ReadAsync(cancel);
        return answer(row, TimeSpan.FromMicroseconds(reader.GetInt64(0)));
    }

    private static NpgsqlParameter Tid(long block) => new() { NpgsqlDbType = NpgsqlDbType.Tid, Value = new NpgsqlTid((uint)block, 0) };
}

using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Execution;

namespace Segue.PostgreSql.Verification;

internal sealed class Verifier(Database database) : IVerifier
{
    /// <summary>
    /// Up to so many blocks are checked row by row if a row raises an error; larger ranges are halved first.
    /// </summary>
    private const long FewBlocks = 16;

    public async Task<RangeCounts> CountAsync(Plan plan, VerifyScan scan, RowRange range, CancellationToken cancel)
    {
        long began = database.Time.GetTimestamp();
        try
        {
            return await CountAllAsync(plan, scan, (BlockRange)range, cancel);
        }
        catch (PostgresException error)
            when (scan.Checks.All(check => check.QueryEach is not null) && Errors.IsOfRows(error))
        {
            return new RangeCounts(0, [], database.Time.GetElapsedTime(began)) { RowsFail = true };
        }
    }

    public Task<Tally> CompareAsync(Plan plan, VerifyCheck check, RowRange range, CancellationToken cancel) =>
        CompareBlocksAsync(plan, check, (BlockRange)range, cancel);

    private async Task<Tally> CompareBlocksAsync(
        Plan plan,
        VerifyCheck check,
        BlockRange range,
        CancellationToken cancel
    )
    {
        try
        {
            return await CompareAllAsync(plan, check, range, cancel);
        }
        catch (PostgresException error) when (check.QueryEach is not null && Errors.IsOfRows(error))
        {
            if (range.Units <= FewBlocks)
            {
                return await CompareEachAsync(plan, check, range, cancel);
            }

            long middle = range.Start + (range.Units / 2);
            Tally before = await CompareBlocksAsync(plan, check, range with { End = middle }, cancel);
            return before.Plus(await CompareBlocksAsync(plan, check, range with { Start = middle }, cancel));
        }
    }

    public Task<Tally> CompareWholeAsync(Plan plan, VerifyCheck check, double rest, CancellationToken cancel) =>
        AskAsync(
            [.. Settings(plan, check.CallsVolatile), .. RestSettings.Of(rest)],
            check.Query,
            [],
            Read,
            (tally, _) => tally,
            cancel
        );

    private Task<RangeCounts> CountAllAsync(Plan plan, VerifyScan scan, BlockRange range, CancellationToken cancel) =>
        AskAsync(
            Settings(plan, scan.Checks.Any(check => check.CallsVolatile)),
            scan.Query,
            [RangeSettings.Tid(range.Start), RangeSettings.Tid(range.End)],
            row =>
                (
                    Compared: row.GetInt64(0),
                    Mismatches: row.GetFieldType(1) == typeof(long) ? [row.GetInt64(1)] : row.GetFieldValue<long[]>(1)
                ),
            (counts, took) => new RangeCounts(counts.Compared, counts.Mismatches, took),
            cancel
        );

    private Task<Tally> CompareAllAsync(Plan plan, VerifyCheck check, BlockRange range, CancellationToken cancel) =>
        AskAsync(
            Settings(plan, check.CallsVolatile),
            check.Query,
            [RangeSettings.Tid(range.Start), RangeSettings.Tid(range.End)],
            Read,
            (tally, _) => tally,
            cancel
        );

    private static Tally Read(NpgsqlDataReader row) =>
        Named(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<string[]>(2).Select(Text.Visible));

    private static Tally Named(long compared, long mismatches, IEnumerable<string> samples)
    {
        string[] named = [.. samples];
        return new Tally(compared, mismatches, named) { NamesByPlace = named.Any(RowKeys.IsPlace) };
    }

    private async Task<Tally> CompareEachAsync(Plan plan, VerifyCheck check, BlockRange range, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await connection.SetLocalAsync(cancel, [.. Settings(plan, check.CallsVolatile), .. RangeSettings.Of(range)]);
        await connection.ExecuteLongAsync(check.QueryEach!, cancel);
        RangeAnswer answer = RangeSettings.Read((await connection.ScalarAsync<string>(RangeSettings.Answer, cancel))!);
        FailedRows failed = answer.FailedRows;
        string[] samples = [.. failed.Samples.Select(row => row.Key), .. answer.Samples.Select(Text.Visible)];
        return Named(answer.Done + failed.Count, answer.Others + failed.Count, samples.Take(10)) with
        {
            Failed = failed,
        };
    }

    private static (string Name, string Value)[] Settings(Plan plan, bool callsVolatile) =>
        [
            .. LocalSettings.Of(plan),
            ("row_security", "off"),
            ("transaction_read_only", callsVolatile ? "off" : "on"),
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ];

    /// <summary>Settings, question and the time it took on the server in one round trip; it is rolled back.</summary>
    private async Task<TResult> AskAsync<TRow, TResult>(
        (string Name, string Value)[] settings,
        string query,
        object?[] parameters,
        Func<NpgsqlDataReader, TRow> read,
        Func<TRow, TimeSpan, TResult> answer,
        CancellationToken cancel
    )
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await using NpgsqlBatch question = connection.NewBatch();
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
}

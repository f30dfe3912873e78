using System.Runtime.CompilerServices;
using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Evaluates expressions on rows of a table before anything is planned: on blocks from all over it, and on all other
/// blocks of a table that is read within moments. Otherwise the fill would meet these errors.
/// </summary>
internal sealed class RowTrial(NpgsqlConnection connection, Table table, TimeProvider time)
{
    /// <summary>
    /// Ranges of a table that are tried whatever its size, and blocks of each: all of a table up to 4 MB.
    /// </summary>
    private const long Ranges = 8;
    private const long Blocks = 64;
    private const int Tables = 8;

    /// <summary>64 MB: usually all of them are read in the given time.</summary>
    private const long WholeBlocks = 8192;
    private static readonly TimeSpan WholeTime = TimeSpan.FromSeconds(3);

    /// <summary>An expression that takes longer for so few rows is tried on fewer.</summary>
    private const string Limit = "500ms";
    private const int PartOfSlowRange = 8;

    /// <summary>
    /// Failing rows of a range after which the trial stops: as many as are reported. Each costs two subtransactions,
    /// and an expression that fails everywhere must be reported before its time is over.
    /// </summary>
    private const int MostFailures = 10;

    /// <summary>A problem that names rows for which an expression raises an error; null if there are none.</summary>
    /// <param name="where">Begins the problem.</param>
    public async Task<Problem?> ObjectionAsync(
        string where,
        IReadOnlyList<string> expressions,
        CancellationToken cancel
    )
    {
        string[] relations = table.IsPartitioned
            ?
            [
                .. table
                    .Partitions.Where(partition => partition is { Kind: 'r', Size.Bytes: > 0 })
                    .Take(Tables)
                    .Select(partition => partition.Sql),
            ]
            : [table.Sql];
        (long asked, FailedRows failed) = (0, FailedRows.None);
        long started = time.GetTimestamp();
        foreach (string relation in relations)
        {
            await foreach (RangeAnswer answer in AnswersAsync(relation, expressions, started, cancel))
            {
                (asked, failed) = (asked + answer.Done + answer.Failed, failed.Plus(answer.FailedRows));
            }
        }

        return failed.Count == 0
            ? null
            : new Problem(
                where,
                $"the expression raises an error for {Plain.Count(failed.Count)} of the {Plain.Count(asked)} rows of "
                    + $"{table.Schema}.{table.Name} "
                    + $"that it was tried on: {failed}.",
                "Correct these rows first; or write an expression that covers them, e.g. with CASE."
            );
    }

    private async IAsyncEnumerable<RangeAnswer> AnswersAsync(
        string relation,
        IReadOnlyList<string> expressions,
        long started,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        long most = Blocks;
        long blocks = await BlocksAsync(relation, cancel);
        IReadOnlyList<BlockRange> sample = Sample(blocks);
        foreach (BlockRange range in sample)
        {
            RangeAnswer? answer = null;
            while (answer is null && most > 0)
            {
                BlockRange part = range with { End = Math.Min(range.End, range.Start + most) };
                answer = await AskAsync(relation, part, expressions, cancel);
                most = answer is null ? most / PartOfSlowRange : most;
            }

            if (answer is not null)
            {
                yield return answer;
            }
        }

        // The rest of a table that is read within moments; not for a slow expression.
        foreach (BlockRange range in blocks <= WholeBlocks && most == Blocks ? Rest(sample) : [])
        {
            long began = time.GetTimestamp();
            if (
                time.GetElapsedTime(started) > WholeTime
                || await AskAsync(relation, range, expressions, cancel) is not { } answer
            )
            {
                yield break;
            }

            yield return answer;

            // As long as it worked: an app may be active.
            await Task.Delay(time.GetElapsedTime(began), time, cancel);
        }
    }

    /// <summary>Null if it could not be asked in time.</summary>
    private async Task<RangeAnswer?> AskAsync(
        string relation,
        BlockRange range,
        IReadOnlyList<string> expressions,
        CancellationToken cancel
    )
    {
        RangeAnswer? answer = null;
        TableCopy asking = new(connection, table);
        await asking.SucceedsAsync(
            async () =>
            {
                await connection.SetLocalAsync(
                    cancel,
                    [("statement_timeout", Limit), ("enable_seqscan", "off"), .. RangeSettings.Of(range)]
                );
                await connection.ExecuteAsync(
                    new RowByRow(table, relation).Compare(Evaluated(expressions), MostFailures),
                    cancel
                );
                answer = RangeSettings.Read((await connection.ScalarAsync<string>(RangeSettings.Answer, cancel))!);
            },
            cancel
        );
        return answer;
    }

    /// <summary>A condition that is false for every row, and evaluates all of them.</summary>
    public static string Evaluated(IReadOnlyList<string> expressions) =>
        $"num_nulls({string.Join(", ", expressions.Select(Sql.Parenthesised))}) < 0";

    private Task<long> BlocksAsync(string relation, CancellationToken cancel) =>
        connection.ScalarAsync<long>(
            "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint",
            cancel,
            relation
        );

    /// <summary>From all over the table.</summary>
    internal static IReadOnlyList<BlockRange> Sample(long blocks) =>
        blocks <= Ranges * Blocks
            ? [.. Parts(0, blocks)]
            :
            [
                .. Enumerable
                    .Range(0, (int)Ranges)
                    .Select(n => (blocks - Blocks) * n / (Ranges - 1))
                    .Select(start => new BlockRange(start, start + Blocks)),
            ];

    /// <summary>The blocks between.</summary>
    internal static IEnumerable<BlockRange> Rest(IReadOnlyList<BlockRange> sample) =>
        sample.Zip(sample.Skip(1)).SelectMany(pair => Parts(pair.First.End, pair.Second.Start));

    private static IEnumerable<BlockRange> Parts(long start, long end)
    {
        for (long at = start; at < end; at += Blocks)
        {
            yield return new BlockRange(at, Math.Min(end, at + Blocks));
        }
    }
}

using Npgsql;
using Segue.Backfill;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Execution;

namespace Segue.PostgreSql.Planning;

/// <summary>
/// Evaluates expressions on some rows of a table before anything is planned: on all of a small one, else on blocks from
/// all over it. What is found here would otherwise be found hours later.
/// </summary>
internal sealed class RowTrial(NpgsqlConnection connection, Table table)
{
    /// <summary>Ranges of a table, and blocks of each: all of a table up to 4 MB.</summary>
    private const long Ranges = 8;
    private const long Blocks = 64;
    private const int Tables = 8;

    /// <summary>An expression that takes longer for so few rows is tried on fewer.</summary>
    private const string Limit = "500ms";

    /// <summary>A problem that names rows for which an expression raises an error; null where none was met.</summary>
    /// <param name="where">Begins the problem.</param>
    public async Task<Problem?> ObjectionAsync(
        string where, IReadOnlyList<string> expressions, CancellationToken cancel)
    {
        string[] relations = table.IsPartitioned ? [.. table.Partitions.Where(partition => partition is { Kind: 'r', Size.Bytes: > 0 }).Take(Tables).Select(partition => partition.Sql)] : [table.Sql];
        (long asked, FailedRows failed) = (0, FailedRows.None);
        foreach (string relation in relations)
        {
            foreach (BlockRange range in await RangesAsync(relation, cancel))
            {
                if (await AskAsync(relation, range, expressions, cancel) is not { } answer)
                {
                    break;
                }

                (asked, failed) = (asked + answer.Done + answer.Failed, failed.Plus(answer.FailedRows));
            }
        }

        return failed.Count == 0 ? null : new Problem(
            where,
            $"it raises an error for {Plain.Count(failed.Count)} of the {Plain.Count(asked)} rows of {table.Schema}.{table.Name} "
            + $"that it was tried on: {failed}.",
            "Correct these rows first; or write an expression that covers them, e.g. with CASE.");
    }

    /// <summary>Null where it could not be asked in time.</summary>
    private async Task<RangeAnswer?> AskAsync(
        string relation, BlockRange range, IReadOnlyList<string> expressions, CancellationToken cancel)
    {
        RangeAnswer? answer = null;
        TableCopy asking = new(connection, table);
        await asking.SucceedsAsync(async () =>
        {
            await connection.SetLocalAsync(
                cancel, [("statement_timeout", Limit), ("enable_seqscan", "off"), .. RangeSettings.Of(range)]);
            await connection.ExecuteAsync(new RowByRow(table, relation).Compare(Evaluated(expressions)), cancel);
            answer = RangeSettings.Read((await connection.ScalarAsync<string>(RangeSettings.Answer, cancel))!);
        }, cancel);
        return answer;
    }

    /// <summary>A condition that holds for no row, and evaluates them all.</summary>
    public static string Evaluated(IReadOnlyList<string> expressions) =>
        $"num_nulls({string.Join(", ", expressions.Select(Sql.Parenthesised))}) < 0";

    private async Task<IReadOnlyList<BlockRange>> RangesAsync(string relation, CancellationToken cancel)
    {
        long blocks = await connection.ScalarAsync<long>(
            "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint", cancel, relation);
        return blocks <= Ranges * Blocks
            ? [.. Enumerable.Range(0, (int)((blocks + Blocks - 1) / Blocks)).Select(n => new BlockRange(n * Blocks, Math.Min(blocks, (n + 1) * Blocks)))]
            : [.. Enumerable.Range(0, (int)Ranges).Select(n => (blocks - Blocks) * n / (Ranges - 1)).Select(start => new BlockRange(start, start + Blocks))];
    }
}

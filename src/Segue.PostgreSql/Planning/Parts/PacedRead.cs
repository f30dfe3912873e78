using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Execution;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Reads a whole table by one statement that rests: block range by block range, with rests as the transaction's
/// settings say. It needs the table's rows as they were at one time, so it keeps one snapshot until it ends.
/// </summary>
internal static class PacedRead
{
    /// <summary>1 MB: some milliseconds of work.</summary>
    private const int Blocks = 128;

    /// <summary>The block numbers that a tuple id can have end here.</summary>
    private const long LastBlock = uint.MaxValue;

    /// <summary>A query for all rows.</summary>
    /// <param name="columns">Over the row.</param>
    /// <param name="where">Begins with a blank and AND, or is empty.</param> <remarks>OFFSET 0 keeps each part as it is
    /// written: otherwise a range would not be read as a range, with a rest before it.</remarks>
    public static string Of(Table table, IEnumerable<string> columns, string where) =>
        $"""
            SELECT segue_keyed.*
            FROM generate_series(0, {Size(table)} / current_setting('block_size')::bigint, {Blocks}) AS segue_at(block)
            CROSS JOIN LATERAL (
              SELECT segue_at.block, pg_sleep({Seconds}::float8),
                     set_config('{RestSettings.Rested}', {Now}::text, true) OFFSET 0) AS segue_rested
            CROSS JOIN LATERAL (
              SELECT {string.Join(", ", columns)} FROM {table.Sql} AS {Sql.Name(table.Name)}
              WHERE ctid >= format('(%s,0)', segue_rested.block)::tid
                AND ctid < format('(%s,0)', least(segue_rested.block + {Blocks}, {LastBlock}))::tid{where} OFFSET 0)
                    AS segue_keyed
            """;

    private const string Now = "extract(epoch FROM clock_timestamp())";

    /// <summary>No rest before the first range; <c>least</c> would ignore a NULL.</summary>
    private static readonly string Seconds =
        $"least(2, coalesce(({Now} - {Setting(RestSettings.Rested)}) * {Setting(RestSettings.Rest)}, 0))";

    private static string Setting(string name) => $"nullif(current_setting('{name}', true), '')::numeric";

    private static string Size(Table table) =>
        table.IsPartitioned
            ? $"(SELECT coalesce(max(pg_relation_size(relid)), 0) FROM pg_partition_tree({Sql.Literal(table.Sql)}))"
            : $"pg_relation_size({Sql.Literal(table.Sql)})";
}

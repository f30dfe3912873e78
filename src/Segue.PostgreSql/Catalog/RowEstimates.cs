using System.Text.Json;
using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Sizes of tables that were never analysed: the server's own estimate, from the table's pages and the widths of its
/// columns.
/// </summary>
internal static class RowEstimates
{
    /// <summary>Only if there are no statistics (<c>reltuples</c> is -1) and our role may read the table.</summary>
    public static async Task<TableSize> WithRowsAsync(
        this NpgsqlConnection connection,
        TableSize size,
        uint oid,
        CancellationToken cancel
    )
    {
        if (size.Rows >= 0)
        {
            return size;
        }

        string? relation =
            size.Bytes == 0
                ? null
                : await connection.ScalarAsync<string>(
                    $"""
                    SELECT {Sql.Qualified("n.nspname", "c.relname")}
                        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.oid = $1::oid AND has_schema_privilege(n.oid, 'USAGE')
                        AND has_table_privilege(c.oid, 'SELECT')
                    """,
                    cancel,
                    (long)oid
                );
        if (relation is null)
        {
            return size with { Rows = 0 };
        }

        string plan = (
            await connection.QueryAsync(
                $"EXPLAIN (FORMAT JSON) SELECT FROM ONLY {relation}",
                row => row.GetString(0),
                cancel
            )
        )[0];
        using JsonDocument document = JsonDocument.Parse(plan);
        long pages = await connection.ScalarAsync<long>(
            "SELECT $1 / current_setting('block_size')::bigint",
            cancel,
            size.Bytes
        );
        return size with
        {
            Pages = pages,
            Rows = document.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble(),
        };
    }
}

using Npgsql;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>The findings after the traffic had stopped: every row is checked, independently of Segue.</summary>
/// <param name="Rows">Checked rows.</param>
/// <param name="Empty">Rows without a currency.</param>
/// <param name="Wrong">Rows with a wrong currency, empty ones included.</param>
/// <param name="Written">Rows to which an application wrote a currency.</param>
/// <param name="Lost">Values that an application wrote and that are missing.</param>
internal sealed record Proof(long Rows, long Empty, long Wrong, long Written, IReadOnlyList<LostWrite> Lost)
{
    public bool Holds => Wrong == 0 && Lost.Count == 0;

    public static async Task<Proof> GatherAsync(OrdersWorkload workload, CancellationToken cancel)
    {
        // The last value that an application wrote, else the value for the region: independent of the change's own
        // function and expression.
        const string Sql = """
            WITH written AS (
                SELECT DISTINCT ON (order_id) order_id, value FROM app_write_log WHERE field = 'currency'
                    ORDER BY order_id, seq DESC),
            compared AS (
                SELECT orders.currency::text AS found, written.value AS written, coalesce(written.value, CASE region
                    WHEN 'us' THEN 'USD' WHEN 'eu' THEN 'EUR' WHEN 'uk' THEN 'GBP' WHEN 'ch' THEN 'CHF' ELSE 'USD' END)
                        AS expected
                FROM orders LEFT JOIN written ON written.order_id = orders.id)
            SELECT count(*), count(*) FILTER (WHERE found IS NULL),
                count(*) FILTER (WHERE found IS DISTINCT FROM expected), count(written) FROM compared
            """;
        List<LostWrite> lost =
        [
            .. await workload.LostWritesAsync("currency", cancel),
            .. await workload.LostWritesAsync("status", cancel),
        ];
        await using NpgsqlConnection connection = new(workload.ConnectionString);
        await connection.OpenAsync(cancel);
        await using NpgsqlCommand command = new(Sql, connection) { CommandTimeout = 0 };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new Proof(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), lost);
    }
}

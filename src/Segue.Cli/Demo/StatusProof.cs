namespace Segue.Cli.Demo;

/// <summary>Checks each order's status: the last value that an application wrote, else the one it began with.</summary>
internal static class StatusProof
{
    /// <param name="column">The column that has it now.</param>
    /// <param name="orders">How many there were at the start.</param>
    public static string Of(string column, int orders) =>
        $"""
            WITH written AS (
                SELECT DISTINCT ON (order_id) order_id, value FROM app_write_log WHERE field = 'status'
                    ORDER BY order_id, seq DESC),
            compared AS (
                SELECT orders.{column} AS found, written.value AS written, coalesce(written.value,
                    CASE WHEN orders.id > {orders} THEN 'new'
                        ELSE (ARRAY['new', 'paid', 'shipped', 'delivered'])[1 + orders.id * 17 % 4] END) AS expected
                FROM orders LEFT JOIN written ON written.order_id = orders.id)
            SELECT count(*), count(*) FILTER (WHERE found IS NULL),
                count(*) FILTER (WHERE found IS DISTINCT FROM expected), count(written) FROM compared
            """;
}

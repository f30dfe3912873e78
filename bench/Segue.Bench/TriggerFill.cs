using Npgsql;

namespace Segue.Bench;

/// <summary>
/// The common tools' way: a no-op update of the key, 1000 rows a batch by key, so that a per-row trigger fills the
/// column.
/// </summary>
internal static class TriggerFill
{
    private const string Batch = """
        WITH batch AS (SELECT id FROM orders WHERE id > $1 ORDER BY id LIMIT 1000 FOR NO KEY UPDATE),
             touched AS (UPDATE orders SET id = orders.id FROM batch WHERE orders.id = batch.id RETURNING orders.id)
        SELECT max(id) FROM touched
        """;

    public static async Task<TimeSpan> RunAsync(string connectionString, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync(cancel);
        await using NpgsqlCommand batch = new(Batch, connection);
        NpgsqlParameter<long> after = new();
        batch.Parameters.Add(after);
        await batch.PrepareAsync(cancel);
        long started = TimeProvider.System.GetTimestamp();
        while (await batch.ExecuteScalarAsync(cancel) is long last)
        {
            after.TypedValue = last;
        }

        return TimeProvider.System.GetElapsedTime(started);
    }
}

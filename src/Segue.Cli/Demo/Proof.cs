using Npgsql;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>The findings after the traffic had stopped: every row is checked, independently of Segue.</summary>
/// <param name="Rows">Checked rows.</param>
/// <param name="Empty">Rows without the value that is checked.</param>
/// <param name="Wrong">Rows with a wrong value, empty ones included.</param>
/// <param name="Written">Rows to which an application wrote such a value.</param>
/// <param name="Lost">Values that an application wrote and that are missing.</param>
internal sealed record Proof(long Rows, long Empty, long Wrong, long Written, IReadOnlyList<LostWrite> Lost)
{
    public bool Holds => Wrong == 0 && Lost.Count == 0;

    public static async Task<Proof> GatherAsync(DemoChange change, OrdersWorkload workload, CancellationToken cancel)
    {
        List<LostWrite> lost = [];
        foreach ((string field, string column) in change.Logged)
        {
            lost.AddRange(await workload.LostWritesAsync(field, column, cancel));
        }

        await using NpgsqlConnection connection = new(workload.ConnectionString);
        await connection.OpenAsync(cancel);
        await using NpgsqlCommand command = new(change.Proof(workload.Orders), connection) { CommandTimeout = 0 };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new Proof(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), lost);
    }
}

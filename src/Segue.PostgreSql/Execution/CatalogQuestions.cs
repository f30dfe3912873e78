using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Execution;

internal sealed class CatalogQuestions(Database database) : ICatalogQuestions
{
    public async Task<bool> AskAsync(string query, CancellationToken cancel) =>
        await QueryAsync(query, row => !row.IsDBNull(0) && row.GetBoolean(0), cancel) is [true, ..];

    public Task<IReadOnlyList<string>> ListAsync(string query, CancellationToken cancel) =>
        QueryAsync(query, row => row.GetString(0), cancel);

    public async Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel)
    {
        string[] tables =
        [
            .. plan.Steps().SelectMany(step => step.Impact.Locks).Select(held => held.Relation).Distinct(),
        ];
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction reading = await connection.BeginTransactionAsync(cancel);
        IReadOnlyList<string> others = await OtherPlans.AlteredByOthersAsync(connection, plan, cancel);
        return [.. await Fingerprint.OfAsync(connection, tables, cancel), .. others];
    }

    private async Task<IReadOnlyList<T>> QueryAsync<T>(
        string query,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction asking = await connection.BeginTransactionAsync(cancel);
        List<T> rows = [];
        await using (NpgsqlBatch batch = connection.NewBatch())
        {
            batch.AddQuestion(query);
            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                rows.Add(read(reader));
            }
        }

        await asking.CommitAsync(cancel);
        return rows;
    }
}

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
        await database.ScalarAsync<bool>(Printing.Asked(query), cancel);

    public Task<IReadOnlyList<string>> ListAsync(string query, CancellationToken cancel) =>
        database.QueryAsync(query, row => row.GetString(0), cancel);

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
}

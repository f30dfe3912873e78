using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

internal sealed class CatalogQuestions(Database database) : ICatalogQuestions
{
    public async Task<bool> AskAsync(string query, CancellationToken cancel) =>
        await database.ScalarAsync<bool>(Printing.Asked(query), cancel);

    public async Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel)
    {
        string[] tables =
        [
            .. plan.Steps().SelectMany(step => step.Impact.Locks).Select(held => held.Relation).Distinct(),
        ];
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        await using NpgsqlTransaction reading = await connection.BeginTransactionAsync(cancel);
        return await Fingerprint.OfAsync(connection, tables, cancel);
    }
}

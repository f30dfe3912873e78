using Segue.Engines;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

internal sealed class CatalogQuestions(Database database) : ICatalogQuestions
{
    public async Task<bool> AskAsync(string query, CancellationToken cancel) =>
        await database.ScalarAsync<bool>(query, cancel);

    public Task<IReadOnlyList<string>> ListAsync(string query, CancellationToken cancel) =>
        database.QueryAsync(query, row => row.GetString(0), cancel);
}

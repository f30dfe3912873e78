using Segue.Engines;

namespace Segue.PostgreSql.Execution;

internal sealed class CatalogQuestions(Database database) : ICatalogQuestions
{
    public async Task<bool> AskAsync(string query, CancellationToken cancel) => await database.ScalarAsync<bool>(query, cancel);
}

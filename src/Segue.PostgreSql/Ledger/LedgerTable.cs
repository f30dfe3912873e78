using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>A table of the ledger that an earlier Segue did not create, so that it holds nothing yet.</summary>
internal static class LedgerTable
{
    /// <summary>False where the ledger was not upgraded yet, and where there is none.</summary>
    public static Task<bool> ExistsAsync(Database database, string name, CancellationToken cancel) =>
        database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_class WHERE relname = $1 AND relnamespace = to_regnamespace('segue'))",
            cancel,
            name
        );
}

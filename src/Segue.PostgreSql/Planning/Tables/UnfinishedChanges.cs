using Npgsql;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Tables;

/// <summary>Other changes under way on a table, by the plans they were begun with: they know it by its name.</summary>
internal static class UnfinishedChanges
{
    public static async Task<IReadOnlyList<string>> OnAsync(NpgsqlConnection connection, Table table, string change, CancellationToken cancel)
    {
        bool isReadable = await connection.ScalarAsync<bool>(
            "SELECT coalesce(has_schema_privilege('segue', 'USAGE') AND has_table_privilege(to_regclass('segue.change'), 'SELECT') AND has_table_privilege(to_regclass('segue.plan'), 'SELECT'), false) FROM pg_namespace WHERE nspname = 'segue'", cancel);
        return !isReadable ? [] : await connection.QueryAsync(
            """
            SELECT c.name FROM segue.change c JOIN segue.plan p ON p.change = c.name AND p.hash = c.plan_hash
            WHERE c.status NOT IN ('completed', 'rolled_back') AND c.name <> $2
              AND EXISTS (SELECT FROM jsonb_path_query(p.json::jsonb, '$.**.relation') AS known WHERE known #>> '{}' = ANY ($1)) ORDER BY 1
            """,
            row => row.GetString(0), cancel, table.AllRelations().ToArray(), change);
    }
}

using Npgsql;

namespace Segue.Testing;

/// <summary>Every row of every user table as text, sorted: tables are bags of rows.</summary>
public static class RowDescription
{
    /// <summary>On a connection of the caller's, also in the middle of a transaction.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(NpgsqlConnection connection)
    {
        string query = string.Join(" UNION ALL ", await ReadAsync(connection, QueryOfEachTable));
        return query.Length == 0 ? [] : await ReadAsync(connection, query);
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection, string query)
    {
        await using NpgsqlCommand command = new(query, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private const string QueryOfEachTable = """
        SELECT format('SELECT %L || segue_row::text FROM ONLY %I.%I AS segue_row',
            format('%I.%I: ', n.nspname, c.relname), n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'segue')
            AND n.nspname NOT LIKE 'segue\_kept\_%'
        """;
}

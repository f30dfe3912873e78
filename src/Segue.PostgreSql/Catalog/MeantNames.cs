using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Connections;
using Segue.Yaml;

namespace Segue.PostgreSql.Catalog;

/// <summary>What to write instead of a name that does not exist: the same or a similar one.</summary>
internal static class MeantNames
{
    // Schema and name of each; the order makes the answer the same each time.
    private const string Tables = """
        SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
          AND abs(length(c.relname) - length($1)) <= greatest(1, length(c.relname) / 3) ORDER BY 1, 2 LIMIT 20000
        """;

    private const string Indexes = """
        SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('i', 'I') AND n.nspname NOT LIKE 'pg\_%'
          AND abs(length(c.relname) - length($1)) <= greatest(1, length(c.relname) / 3) ORDER BY 1, 2 LIMIT 20000
        """;

    private const string Types = """
        SELECT n.nspname::text, t.typname::text FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('d', 'e') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
          AND abs(length(t.typname) - length($1)) <= greatest(1, length(t.typname) / 3) ORDER BY 1, 2 LIMIT 20000
        """;

    private const int MostSchemas = 5;

    public static Task<string> OfTableAsync(NpgsqlConnection connection, TableName name, CancellationToken cancel) =>
        RemedyAsync(connection, Tables, name, cancel);

    public static Task<string> OfIndexAsync(NpgsqlConnection connection, TableName name, CancellationToken cancel) =>
        RemedyAsync(connection, Indexes, name, cancel);

    public static Task<string> OfTypeAsync(NpgsqlConnection connection, TableName name, CancellationToken cancel) =>
        RemedyAsync(connection, Types, name, cancel);

    /// <summary>The column that was probably meant, and all there are.</summary>
    public static string OfColumn(string name, IEnumerable<string> columns)
    {
        string[] known = [.. columns];
        string all = $"It has {string.Join(", ", known)}.";
        return Nearest.To(name, known) is { } meant ? $"Did you mean {meant}? {all}" : all;
    }

    private static async Task<string> RemedyAsync(
        NpgsqlConnection connection,
        string query,
        TableName name,
        CancellationToken cancel
    )
    {
        IReadOnlyList<(string Schema, string Name)> there = await connection.QueryAsync(
            query,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            name.Name
        );
        string? meant = Nearest.To(name.Name, there.Select(each => each.Name));
        string[] places =
        [
            .. there.Where(each => each.Name == meant).Select(each => $"{each.Schema}.{each.Name}").Take(MostSchemas),
        ];
        return places.Length > 0 ? $"Did you mean {string.Join(" or ", places)}?" : "Check the name and the database.";
    }
}

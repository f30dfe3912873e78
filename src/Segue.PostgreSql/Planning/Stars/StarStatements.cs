using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Stars;

/// <summary>
/// Statements of <c>pg_stat_statements</c> that a new column can break, because their shape is <c>*</c> or depends on
/// the columns' positions.
/// </summary>
internal sealed record StarStatements(IReadOnlyList<StarStatement> Found, string? Unseen)
{
    private const int ShownAtMost = 5;
    private const int LongestShown = 120;

    /// <param name="role">Our role, for a missing grant.</param>
    public static async Task<StarStatements> FindAsync(
        NpgsqlConnection connection,
        string role,
        CancellationToken cancel
    )
    {
        if (await ViewAsync(connection, cancel) is not { } view)
        {
            return new StarStatements(
                [],
                "pg_stat_statements is not installed here, or hidden from our role, so Segue cannot "
                    + "name the affected statements."
            );
        }

        IReadOnlyList<string> queries = await connection.QueryAsync(
            $"""
            SELECT left(query, 20000) FROM {view}
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (position('*' IN query) > 0 OR query ~* '^\s*(copy|insert|with)\M')
            GROUP BY 1 ORDER BY sum(calls) DESC LIMIT 5000
            """,
            row => row.GetString(0),
            cancel
        );
        bool hides = await connection.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM {view} WHERE query = '<insufficient privilege>')",
            cancel
        );
        return new StarStatements(
            [
                .. queries
                    .Select(query => new StarStatement(query, StarShape.Relations(query)))
                    .Where(statement => statement.Relations.Count > 0),
            ],
            hides ? $"Other roles' statements are hidden. `GRANT pg_read_all_stats TO {Sql.Name(role)}`." : null
        );
    }

    /// <summary>The view itself, qualified; null if it is not installed or may not be read.</summary>
    public static async Task<string?> ViewAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // The library's own setting shows that it is loaded; an ordinary role may not read shared_preload_libraries.
        string? view = await connection.ScalarAsync<string>(
            """
            SELECT format('%I.pg_stat_statements', n.nspname) FROM pg_extension e
                JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE extname = 'pg_stat_statements'
                AND EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max')
            """,
            cancel
        );
        return
            view is not null
            && await connection.ScalarAsync<bool>("SELECT has_table_privilege($1, 'SELECT')", cancel, view)
            ? view
            : null;
    }

    /// <summary>A few of those that name one of the tables, most frequent first, shortened.</summary>
    /// <param name="tables">Exact names; a schema of null stands for a name without one.</param>
    public IReadOnlyList<string> Of(IEnumerable<NamedRelation> tables) =>
        [
            .. Found
                .Where(statement => statement.Relations.Any(tables.Contains))
                .Select(statement => Shortened(statement.Query))
                .Take(ShownAtMost),
        ];

    /// <summary>The three ways out, with the view that keeps the current shape.</summary>
    public static string Roads(string schema, string table, IEnumerable<string> columns) =>
        "Name their columns; or make them read a view, whose shape does not change: `CREATE VIEW "
        + $"{Sql.Name(schema, $"{Sql.Clip(table, Sql.LongestName - 2)}_v")} AS SELECT "
        + $"{Sql.Names(columns)} FROM {Sql.Name(schema, table)}` (or a view with the table's own name, in "
        + "a schema that is first on their search path); or let the app's pool reconnect after expand, "
        + "which helps prepared statements.";

    private static string Shortened(string query)
    {
        string line = string.Join(' ', query.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > LongestShown ? $"{line[..LongestShown]}..." : line;
    }
}

internal sealed record StarStatement(string Query, IReadOnlyList<NamedRelation> Relations);

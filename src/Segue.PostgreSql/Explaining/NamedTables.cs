using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>Resolves the names in a statement.</summary>
internal static class NamedTables
{
    /// <summary>The tables it names, directly or by an index or a statistics object.</summary>
    public static async Task<IReadOnlyList<Table>> OfAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    )
    {
        Dictionary<uint, Table> tables = [];
        IReadOnlyList<(string Schema, string Table)> found = await connection.QueryAsync(
            NamedQuery,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            text.Names(connection.Database!).Select(name => name.Sql).Distinct().ToArray(),
            text.IsAboutStatistics,
            StatementForms.IsAboutIndexes(text) || text.Begins("refresh")
        );
        foreach ((string schema, string relation) in found)
        {
            if (await CatalogReader.FindAsync(connection, new Changes.TableName(schema, relation), cancel) is { } table)
            {
                tables[table.Oid] = table;
            }
        }

        return [.. tables.Values];
    }

    /// <summary>
    /// The statement with the copies' names instead of their tables' names, and of objects that an earlier statement
    /// created beside them.
    /// </summary>
    public static async Task<string> OnCopiesAsync(
        NpgsqlConnection connection,
        StatementText text,
        TableCopies copies,
        CancellationToken cancel
    )
    {
        NamedInText[] names =
        [
            .. text.Names(connection.Database!).Where(name => name.Schema is not null || IsOfStatistics(name)),
        ];
        IReadOnlyList<long> copied = await connection.QueryAsync(
            StandsForQuery,
            row => row.GetInt64(0),
            cancel,
            names.Select(name => name.Sql).ToArray(),
            names.Select(name => name.Schema ?? "").ToArray(),
            names.Select(name => name.Name).ToArray(),
            names.Select(IsOfStatistics).ToArray(),
            copies.Originals.Values.Select(table => table.Sql).ToArray()
        );
        bool IsOfStatistics(NamedInText name) =>
            text.IsAboutStatistics && name.After is "statistics" or "exists" or ",";

        return text.With(
            names
                .Where((name, n) => name.IsNew || copied.Contains(n + 1))
                .Select(name => (name, $"pg_temp.{Sql.Name(name.Name)}"))
        );
    }

    /// <summary>
    /// An object it works on that is neither a table nor an index, e.g. <c>"public"."v" is a view</c>.
    /// </summary>
    public static async Task<IReadOnlyList<string>> OthersAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    ) =>
        await connection.QueryAsync(
            """
            SELECT DISTINCT format('"%s"."%s" is a %s', n.nspname, c.relname, CASE c.relkind
                WHEN 'f' THEN 'foreign table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                ELSE 'sequence' END)
            FROM unnest($1) AS name JOIN pg_class c ON c.oid = to_regclass(name) AND c.relkind IN ('f', 'v', 'm', 'S')
                AND NOT ($2 AND c.relkind = 'm') JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
            """,
            row => row.GetString(0),
            cancel,
            text.WorkedOn(connection.Database!).Select(name => name.Sql).ToArray(),
            StatementForms.IsAboutIndexes(text)
        );

    /// <summary>It works on other objects than tables, and the server can roll it back completely.</summary>
    public static async Task<bool> IsTriedAsItIsAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    ) =>
        text.Objection() is null
        && (
            StatementForms.IsTriedAsItIs(text)
            || (StatementForms.CanBeAboutOthers(text) && await AreOthersAloneAsync(connection, text, cancel))
        );

    /// <summary>It works on some object, but on no table.</summary>
    private static async Task<bool> AreOthersAloneAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    ) =>
        await connection.ScalarAsync<bool>(
            "SELECT coalesce(bool_and(c.relkind IN ('f', 'v', 'm', 'S')), false) FROM unnest($1) AS name "
                + "JOIN pg_class c ON c.oid = to_regclass(name)",
            cancel,
            (object)text.WorkedOn(connection.Database!).Select(name => name.Sql).ToArray()
        );

    /// <summary>Asked before the copies exist, because their stand-ins have the same names.</summary>
    public static Task<IReadOnlyList<string>> DependentsAsync(
        NpgsqlConnection connection,
        IReadOnlyList<Table> tables,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            DependentsQuery,
            row => row.GetString(0),
            cancel,
            tables.Select(table => (long)table.Oid).ToArray()
        );

    private const string DependentsQuery = """
        SELECT DISTINCT replace(pg_describe_object(d.classid, d.objid, 0), 'rule _RETURN on ', '') FROM pg_depend d
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid::bigint = ANY ($1) AND d.deptype IN ('n', 'a')
          AND d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass,
              'pg_publication_rel'::regclass)
        UNION SELECT format('trigger %s on %s', g.tgname, g.tgrelid::regclass) FROM pg_trigger g
            WHERE g.tgrelid::bigint = ANY ($1) AND NOT g.tgisinternal
        ORDER BY 1 LIMIT 20
        """;

    private static readonly string NamedQuery = $"""
        SELECT DISTINCT n.nspname::text, t.relname::text FROM unnest($1) AS name
        LEFT JOIN pg_class c ON c.oid = to_regclass(name) LEFT JOIN pg_index i ON i.indexrelid = c.oid
        LEFT JOIN pg_statistic_ext s ON $2 AND s.oid = (SELECT x.oid FROM pg_statistic_ext x
            JOIN pg_namespace xn ON xn.oid = x.stxnamespace
            WHERE name = {Sql.Qualified("xn.nspname", "x.stxname")}
                OR (name = format('"%s"', replace(x.stxname, '"', '""')) AND pg_statistics_obj_is_visible(x.oid)))
        JOIN pg_class t ON t.oid IN (coalesce(i.indrelid, c.oid), s.stxrelid)
            AND (t.relkind IN ('r', 'p') OR ($3 AND t.relkind = 'm')) AND t.relpersistence <> 't'
            JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
        """;

    /// <summary>
    /// $1 the names, $2 their schemas or nothing, $3 without them, $4 whether they are statistics objects', $5 all
    /// copied tables. Returns those that name a copied table, an object of one, or an object that exists only among the
    /// copies.
    /// </summary>
    private const string StandsForQuery = """
        SELECT position FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS given(name, schema, alone, is_statistics,
            position)
        WHERE CASE WHEN is_statistics THEN EXISTS (SELECT FROM pg_statistic_ext WHERE stxnamespace = pg_my_temp_schema()
            AND stxname = alone)
          WHEN to_regclass(name) IS NULL THEN to_regnamespace(format('"%s"', replace(schema, '"', '""'))) IS NOT NULL
              AND EXISTS (SELECT FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relname = alone)
          ELSE EXISTS (SELECT FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
              WHERE c.oid = to_regclass(name) AND coalesce(i.indrelid, c.oid) IN (SELECT to_regclass(copied)
              FROM unnest($5) AS copied)) END
        """;
}

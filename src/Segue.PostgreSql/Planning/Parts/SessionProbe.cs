using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Finds what an expression, parsed as the only column of a view, takes from the session that evaluates it.
/// </summary>
internal sealed class SessionProbe(NpgsqlConnection connection, string view)
{
    /// <summary>
    /// True only if the parse tree shows it: constants of plain types, columns, and the system's own immutable
    /// functions written in C. Casts through text, row constructors, subqueries and everything unknown here may depend
    /// on settings, even if the server calls them immutable.
    /// </summary>
    public async Task<bool> IsFreeAsync(string expression, CancellationToken cancel) =>
        // transform_null_equals turns such a comparison into IS NULL.
        !(expression.Contains('=') && expression.Contains("null", StringComparison.OrdinalIgnoreCase))
        && await connection.ScalarAsync<bool>(IsFreeQuery, cancel, view);

    public async Task<IReadOnlyDictionary<string, string>> ExtensionSettingsAsync(CancellationToken cancel) =>
        (
            await connection.QueryAsync(
                ExtensionSettingsQuery,
                row => KeyValuePair.Create(row.GetString(0), row.GetString(1)),
                cancel,
                view
            )
        ).ToDictionary();

    public async Task<IReadOnlyList<string>> ReadsOfSessionAsync(CancellationToken cancel) =>
        await connection.ScalarAsync<string[]>(ReadsOfSessionQuery, cancel, view) ?? [];

    // quote_ident is called immutable and follows quote_all_identifiers. Types: bool, "char", name, int8, int2, int4,
    // text, oid, json, bpchar, varchar, numeric, uuid, jsonb.
    private const string IsFreeQuery = """
        WITH rule AS (SELECT ev_action::text AS tree FROM pg_rewrite WHERE ev_class = $1::regclass),
        functions AS (SELECT DISTINCT found[1]::oid AS oid FROM rule,
            regexp_matches(tree, ':(?:op)?funcid (\d+)', 'g') AS found)
        SELECT NOT EXISTS (SELECT FROM rule, regexp_matches(tree, '\{([A-Z_]+)', 'g') AS tag WHERE tag[1] <> ALL ('{
              ALIAS,QUERY,RTE,RANGETBLENTRY,RTEPERMISSIONINFO,FROMEXPR,RANGETBLREF,TARGETENTRY,VAR,CONST,FUNCEXPR,
              OPEXPR,BOOLEXPR,NULLTEST,BOOLEANTEST,RELABELTYPE,COALESCE,COALESCEEXPR,CASE,CASEEXPR,WHEN,CASEWHEN,
              CASETESTEXPR,NULLIFEXPR,DISTINCTEXPR,SCALARARRAYOPEXPR,ARRAY,ARRAYEXPR,MINMAX,MINMAXEXPR}'::text[]))
          AND NOT EXISTS (SELECT FROM rule, regexp_matches(tree, ':consttype (\d+)', 'g') AS type
              WHERE type[1]::oid NOT IN (16, 18, 19, 20, 21, 23, 25, 26, 114, 1042, 1043, 1700, 2950, 3802))
          AND NOT EXISTS (SELECT FROM functions f LEFT JOIN pg_proc p ON p.oid = f.oid
              AND p.pronamespace = 'pg_catalog'::regnamespace AND p.provolatile = 'i'
                            AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'internal')
                                AND p.proname <> 'quote_ident' WHERE p.oid IS NULL)
          AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::regclass AND attnum = 1
              AND atttypid IN (16, 18, 19, 20, 21, 23, 25, 26, 114, 1042, 1043, 1700, 2950, 3802))
        """;

    // An extension's settings begin with its name, or that of its library. They are known once the library is loaded,
    // which an EXPLAIN has done.
    private const string ExtensionSettingsQuery = """
        SELECT DISTINCT s.name, current_setting(s.name) FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
            AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_depend member ON member.classid = d.refclassid AND member.objid = d.refobjid AND member.deptype = 'e'
            AND member.refclassid = 'pg_extension'::regclass
        JOIN pg_extension e ON e.oid = member.refobjid
        JOIN pg_settings s ON s.context = 'user' AND s.name LIKE '%.%' AND split_part(s.name, '.', 1) IN (
            SELECT e.extname UNION SELECT regexp_replace(p.probin, '^.*/', '') FROM pg_depend own
                JOIN pg_proc p ON p.oid = own.objid
            WHERE own.refclassid = 'pg_extension'::regclass AND own.refobjid = e.oid AND own.deptype = 'e'
                AND own.classid = 'pg_proc'::regclass AND p.probin IS NOT NULL)
        WHERE r.ev_class = $1::regclass ORDER BY 1
        """;

    // SQLVALUEFUNCTION 9 to 12 are CURRENT_ROLE to SESSION_USER; 13 (the database) and 14 (the schema) are the plan's.
    private const string ReadsOfSessionQuery = """
        SELECT array_agg(what ORDER BY what) FROM (
          SELECT DISTINCT p.proname || '()' AS what FROM pg_rewrite r,
              regexp_matches(ev_action::text, ':(?:op)?funcid (\d+)', 'g') AS found
              JOIN pg_proc p ON p.oid = found[1]::oid
          WHERE r.ev_class = $1::regclass AND p.pronamespace = 'pg_catalog'::regnamespace
            AND p.proname IN ('current_setting', 'current_user', 'session_user', 'pg_backend_pid', 'pg_client_encoding',
                'inet_client_addr', 'inet_client_port', 'inet_server_addr', 'inet_server_port')
          UNION SELECT 'the current user' FROM pg_rewrite WHERE ev_class = $1::regclass
              AND ev_action::text ~ '{SQLVALUEFUNCTION :op (9|1[01]) '
          UNION SELECT 'session_user' FROM pg_rewrite WHERE ev_class = $1::regclass
              AND ev_action::text ~ '{SQLVALUEFUNCTION :op 12 '
          UNION SELECT DISTINCT p.oid::regprocedure::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
              AND d.classid = 'pg_rewrite'::regclass
          JOIN pg_proc p ON p.oid = d.refobjid AND d.refclassid = 'pg_proc'::regclass
          WHERE r.ev_class = $1::regclass AND coalesce(p.prosrc, '') ~*
              '\m(current_setting|set_config|session_user|current_user|current_role|pg_backend_pid|inet_client_addr)\M'
          ) AS reads
        """;
}

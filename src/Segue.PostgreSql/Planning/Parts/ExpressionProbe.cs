using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Asks the server what an expression over a table's row reads, calls and may return, on a copy of the table.
/// </summary>
internal sealed class ExpressionProbe(NpgsqlConnection connection, Table table, TableCopy copy)
{
    /// <summary>Another name than the copy's.</summary>
    private string View => $"pg_temp.{Sql.Name(table.Name == "segue_view" ? "segue_view_" : "segue_view")}";

    /// <summary>
    /// Refuses, by exception, expressions that no batch or trigger could evaluate. Whether it is immutable is not
    /// checked.
    /// </summary>
    public async Task<Fill> DescribeAsync(string expression, CancellationToken cancel)
    {
        string value = Sql.Parenthesised(expression);
        await connection.ExecuteAsync(
            $"CREATE TEMPORARY VIEW {View} AS SELECT {value} AS value FROM {copy.Sql}",
            cancel
        );
        string[] sources = await connection.ScalarAsync<string[]>(SourcesQuery, cancel, copy.Sql, View) ?? [];
        await RefuseAsync(value, cancel);
        string[] reads = await connection.ScalarAsync<string[]>(ReadsQuery, cancel, copy.Sql, View) ?? [];

        // The planner pushes a condition into a subquery unless the subquery's output is volatile.
        string pushed = await ExplainAsync(
            $"(COSTS OFF) SELECT FROM (SELECT {value} AS value FROM {copy.Sql}) AS probe WHERE value IS NOT NULL",
            cancel
        );
        bool isVolatile = pushed.Contains("Subquery Scan on probe", StringComparison.Ordinal);
        SessionProbe session = new(connection, View);
        return new Fill
        {
            Expression = expression,
            Sources = sources,
            Reads = reads,
            Functions = await connection.ScalarAsync<string[]>(FunctionsQuery, cancel, View) ?? [],
            IsVolatile = isVolatile,
            MovesWithClock = await connection.ScalarAsync<bool>(ClockQuery, cancel, View),
            ReadsToast =
                sources.Any(table.ToastableColumns.Contains)
                && await connection.ScalarAsync<bool>(ComputesQuery, cancel, View),
            IsImmutable = false,
            IsFree = await session.IsFreeAsync(expression, cancel),
            ExtensionSettings = await session.ExtensionSettingsAsync(cancel),
            ReadsOfSession = await session.ReadsOfSessionAsync(cancel),
        };
    }

    private async Task RefuseAsync(string value, CancellationToken cancel)
    {
        if (await connection.ScalarAsync<bool>(SystemColumnsQuery, cancel, copy.Sql, View))
        {
            throw new ProbeException("it uses a system column (ctid, xmin, tableoid, ...), which no trigger can see.");
        }

        if (await connection.ScalarAsync<bool>(ReadsItselfQuery, cancel, copy.Sql, View))
        {
            throw new ProbeException(
                $"it reads {table.Name} by a name that is not on the search path.",
                $"Write {table.Sql} where it reads other rows of the table."
            );
        }

        string output = await ExplainAsync($"(VERBOSE, COSTS OFF) SELECT {value} FROM {copy.Sql}", cancel);

        // A plan spells out the row of a table with virtual columns.
        bool namesWholeRow =
            table.GeneratedColumns.Count > 0
            || output.Contains($"{table.Name}.*", StringComparison.Ordinal)
            || output.Contains($"{Sql.Name(table.Name)}.*", StringComparison.Ordinal);
        if (namesWholeRow && await connection.ScalarAsync<bool>(WholeRowQuery, cancel, View))
        {
            throw new ProbeException("it uses the whole row; name the columns it needs.");
        }
    }

    private async Task<string> ExplainAsync(string statement, CancellationToken cancel) =>
        string.Join('\n', await connection.QueryAsync($"EXPLAIN {statement}", row => row.GetString(0), cancel));

    private const string SourcesQuery = """
        SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = $1::regclass
            AND a.attnum IN (
            SELECT d.refobjsubid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
                AND d.classid = 'pg_rewrite'::regclass
            WHERE r.ev_class = $2::regclass AND d.refobjid = $1::regclass AND d.refobjsubid > 0)
        """;

    private const string SystemColumnsQuery = """
        SELECT EXISTS (SELECT FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
            AND d.classid = 'pg_rewrite'::regclass
                       WHERE r.ev_class = $2::regclass AND d.refobjid = $1::regclass AND d.refobjsubid < 0)
        """;

    // In the text of a plan it might be a pattern in a constant ('orders.*'); the server's parse tree shows the
    // difference.
    private const string WholeRowQuery =
        "SELECT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = $1::regclass AND position(':varattno 0 ' "
        + "IN ev_action::text) > 0)";

    // An expression that only chooses among columns and constants returns the stored value without reading it.
    private const string ComputesQuery = """
        SELECT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = $1::regclass
                       AND ev_action::text ~ ('\{((FUNC|OP|SCALARARRAYOP|DISTINCT|NULLIF|MINMAX|XML|JSON[A-Z]*)EXPR'
                           '|COERCEVIAIO|SUBSCRIPTINGREF|SUBLINK) '))
        """;

    // CURRENT_DATE to LOCALTIMESTAMP are the first nine of the keywords that the parser handles this way.
    private const string ClockQuery = """
        SELECT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = $1::regclass
            AND (ev_action::text ~ '{SQLVALUEFUNCTION :op [0-8] ' OR EXISTS (
            SELECT FROM pg_proc p WHERE p.oid IN ('now()'::regprocedure, 'transaction_timestamp()'::regprocedure,
                'statement_timestamp()'::regprocedure, 'age(timestamp)'::regprocedure, 'age(timestamptz)'::regprocedure)
            AND position(':funcid ' || p.oid || ' ' IN ev_action::text) > 0)))
        """;

    // Besides its own row, whose table the copy replaces: a name that only the copy has resolves to the copy.
    private const string ReadsItselfQuery = """
        SELECT (length(action) - length(replace(action, relid, ''))) / length(relid) > 1
        FROM (SELECT ev_action::text AS action, ':rtekind 0 :relid ' || $1::regclass::oid || ' ' AS relid
            FROM pg_rewrite WHERE ev_class = $2::regclass) AS rule
        """;

    private const string FunctionsQuery = """
        SELECT array_agg(DISTINCT d.refobjid::regprocedure::text) FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
            AND d.classid = 'pg_rewrite'::regclass
        WHERE r.ev_class = $1::regclass AND d.refclassid = 'pg_proc'::regclass
        """;

    private static readonly string ReadsQuery = $"""
        SELECT array_agg(DISTINCT {Sql.Qualified("n.nspname", "c.relname")})
            FROM pg_depend d
        JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_class c ON c.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
            JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.ev_class = $2::regclass AND c.oid NOT IN ($1::regclass, r.ev_class)
        """;
}

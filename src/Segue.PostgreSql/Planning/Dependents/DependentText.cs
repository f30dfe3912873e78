using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Dependents;

/// <summary>
/// Statements that recreate a <see cref="Dependent"/> from the server's own definitions, printed under the session's
/// search path.
/// </summary>
internal sealed class DependentText(NpgsqlConnection connection, CancellationToken cancel)
{
    /// <summary>The statements for all of them, in order; views' rules and triggers come last.</summary>
    /// <param name="relationOf">The name of the new view, or of the relation of a trigger or policy.</param>
    /// <param name="withParts">Whether a view gets its rules and triggers.</param>
    public async Task<IReadOnlyList<string>> CreateAllAsync(
        IReadOnlyList<Dependent> dependents,
        Func<Dependent, string> relationOf,
        Func<Dependent, bool> withParts
    )
    {
        List<string> all = [];
        foreach (Dependent each in dependents)
        {
            all.AddRange(await CreateAsync(each, relationOf(each)));
        }

        foreach (Dependent view in dependents.Where(each => each.IsView && withParts(each)))
        {
            all.AddRange((await AskAsync(Parts, view.Oid, relationOf(view))).Select(line => line.Statement));
        }

        return all;
    }

    private async Task<IReadOnlyList<string>> CreateAsync(Dependent dependent, string relation) =>
        [
            .. (await AskAsync(QueryOf(dependent), dependent.Oid, relation)).Select(line => line.Statement),
            .. dependent.IsView ? await new Grants(connection, dependent.Oid, cancel).CopyAsync(relation) : [],
        ];

    /// <summary>For a comparison with the recreated object.</summary>
    /// <param name="withParts">With a view's rules and triggers.</param>
    public async Task<IReadOnlyList<DefinitionLine>> DescribeAsync(
        Dependent dependent,
        string relation,
        bool withParts
    ) =>
        [
            .. await AskAsync(QueryOf(dependent), dependent.Oid, relation),
            .. dependent.IsView
                ? (await new Grants(connection, dependent.Oid, cancel).GivenAsync(relation)).Select(
                    grant => new DefinitionLine(grant, IsPrinted: false)
                )
                : [],
            .. dependent.IsView && withParts ? await AskAsync(Parts, dependent.Oid, relation) : [],
        ];

    private static string QueryOf(Dependent dependent) =>
        dependent.Kind switch
        {
            DependentKind.View => View,
            DependentKind.Trigger => Trigger,
            DependentKind.Check => Check,
            DependentKind.Policy => Policy,
            _ => throw new InvalidOperationException($"{dependent.Title} cannot be recreated."),
        };

    private Task<IReadOnlyList<DefinitionLine>> AskAsync(string query, uint oid, string relation) =>
        connection.QueryAsync(
            $"SELECT statement, n = 0 FROM ({query}) AS statements WHERE statement IS NOT NULL ORDER BY "
                + "CASE n WHEN 0 THEN rank ELSE n END, name",
            row => new DefinitionLine(row.GetString(0), row.GetBoolean(1)),
            cancel,
            (long)oid,
            relation
        );

    // Each: n, 0 if the statement has a definition that the server prints; rank, among these; name; statement. $1 the
    // object, $2 the relation's name.
    private const string View = """
        SELECT 0 AS n, 0 AS rank, '' AS name, format('CREATE VIEW %s AS%s%s', $2, E'\n',
            rtrim(pg_get_viewdef(c.oid), ';')) AS statement FROM pg_class c WHERE c.oid = $1::oid
        UNION ALL SELECT 1, 0, '', format('ALTER VIEW %s SET (%s)', $2,
            string_agg(format('%I = %L', option_name, option_value), ', ')) FROM pg_class c
            CROSS JOIN pg_options_to_table(c.reloptions) WHERE c.oid = $1::oid GROUP BY c.oid
        UNION ALL SELECT 2, 0, '', format('ALTER VIEW %s OWNER TO %I', $2, pg_get_userbyid(c.relowner)) FROM pg_class c
            WHERE c.oid = $1::oid
        UNION ALL SELECT 3, 0, a.attname::text, format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', $2, a.attname,
            pg_get_expr(f.adbin, f.adrelid))
          FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
              WHERE f.adrelid = $1::oid
        UNION ALL SELECT 4, 0, '', format('COMMENT ON VIEW %s IS %L', $2, obj_description($1::oid, 'pg_class'))
            WHERE obj_description($1::oid, 'pg_class') IS NOT NULL
        UNION ALL SELECT 5, 0, a.attname::text, format('COMMENT ON COLUMN %s.%I IS %L', $2, a.attname,
            col_description(a.attrelid, a.attnum)) FROM pg_attribute a WHERE a.attrelid = $1::oid
            AND col_description(a.attrelid, a.attnum) IS NOT NULL
        """;

    private const string Parts = """
        SELECT 0 AS n, 0 AS rank, t.tgname::text AS name, pg_get_triggerdef(t.oid, true) AS statement FROM pg_trigger t
            WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal
        UNION ALL SELECT 0, 1, r.rulename::text, rtrim(pg_get_ruledef(r.oid, true), ';') FROM pg_rewrite r
            WHERE r.ev_class = $1::oid AND r.rulename <> '_RETURN'
        UNION ALL SELECT 2, 0, t.tgname::text, format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, $2,
            obj_description(t.oid, 'pg_trigger')) FROM pg_trigger t WHERE t.tgrelid = $1::oid
            AND obj_description(t.oid, 'pg_trigger') IS NOT NULL
        UNION ALL SELECT 3, 0, r.rulename::text,
            format('COMMENT ON RULE %I ON %s IS %L', r.rulename, $2, obj_description(r.oid, 'pg_rewrite'))
            FROM pg_rewrite r WHERE r.ev_class = $1::oid AND obj_description(r.oid, 'pg_rewrite') IS NOT NULL
        """;

    private static readonly string Trigger = $"""
        SELECT 0 AS n, 0 AS rank, '' AS name, pg_get_triggerdef(t.oid, true) AS statement FROM pg_trigger t
            WHERE t.oid = $1::oid
        UNION ALL SELECT 1, 0, '', {Definitions.Firing("$2")} FROM pg_trigger t WHERE t.oid = $1::oid
            AND t.tgenabled <> 'O'
        UNION ALL SELECT 2, 0, '', format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, $2,
            obj_description(t.oid, 'pg_trigger')) FROM pg_trigger t WHERE t.oid = $1::oid
            AND obj_description(t.oid, 'pg_trigger') IS NOT NULL
        """;

    private const string Check = """
        SELECT 0 AS n, 0 AS rank, '' AS name, format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', $2, k.conname,
            pg_get_constraintdef(k.oid), CASE WHEN k.convalidated THEN ' NOT VALID' END) AS statement
            FROM pg_constraint k WHERE k.oid = $1::oid
        UNION ALL SELECT 1, 0, '', format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, $2,
            obj_description(k.oid, 'pg_constraint')) FROM pg_constraint k WHERE k.oid = $1::oid
            AND obj_description(k.oid, 'pg_constraint') IS NOT NULL
        """;

    private static readonly string Policy = $"""
        SELECT 0 AS n, 0 AS rank, '' AS name, {Definitions.Policy("$2")} AS statement FROM pg_policy p
            WHERE p.oid = $1::oid
        UNION ALL SELECT 1, 0, '', format('COMMENT ON POLICY %I ON %s IS %L', p.polname, $2,
            obj_description(p.oid, 'pg_policy')) FROM pg_policy p WHERE p.oid = $1::oid
            AND obj_description(p.oid, 'pg_policy') IS NOT NULL
        """;
}

/// <param name="IsPrinted">It has an expression or query as the server prints it, which may print differently once it
/// is recreated.</param>
internal sealed record DefinitionLine(string Statement, bool IsPrinted);

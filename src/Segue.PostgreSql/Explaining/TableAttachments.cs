using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// What a table has besides what LIKE copies: constraints that were never proven, foreign keys, options, triggers,
/// rules, policies; its views; and stand-ins for the functions that depend on its columns.
/// </summary>
internal sealed class TableAttachments(NpgsqlConnection connection, IReadOnlyDictionary<string, Table> originals)
{
    /// <summary>Dependents of the columns: triggers, rules, policies; and stand-ins for views and functions.</summary>
    public bool WithDependents { get; init; } = true;

    public async Task CopyAsync(CancellationToken cancel)
    {
        IReadOnlyList<(string? Itself, string StandIn)> dependents = [];
        IReadOnlyList<string> statements = await connection.AsideAsync(ReadAsync, cancel);
        foreach (string statement in statements)
        {
            _ = await TryAsync(OnCopies(statement), cancel);
        }

        foreach ((string? itself, string standIn) in dependents)
        {
            _ =
                (itself is not null && await TryAsync(OnCopies(itself), cancel))
                || await TryAsync(OnCopies(standIn), cancel);
        }

        async Task<IReadOnlyList<string>> ReadAsync()
        {
            await Printing.BeginAsync(connection, cancel);
            List<string> all = [];
            string[] tables = [.. originals.Values.Select(table => table.Sql)];
            foreach ((string copy, Table original) in originals)
            {
                all.AddRange(
                    await connection.QueryAsync(
                        Query,
                        row => row.GetString(0),
                        cancel,
                        original.Sql,
                        $"pg_temp.{Sql.Name(copy)}",
                        tables,
                        WithDependents
                    )
                );
            }

            dependents = WithDependents ? await DependentsAsync(tables, cancel) : [];
            return all;
        }
    }

    private string OnCopies(string statement)
    {
        StatementText text = new(statement);
        return text.With(
            text.Names(connection.Database!)
                .Where(name => name.Schema is not null && originals.GetValueOrDefault(name.Name)?.Schema == name.Schema)
                .Select(name => (name, $"pg_temp.{Sql.Name(name.Name)}"))
        );
    }

    /// <summary>
    /// Objects that a temporary table cannot have are left out: for a statement about one, the server reports that it
    /// does not exist.
    /// </summary>
    private async Task<bool> TryAsync(string statement, CancellationToken cancel) =>
        await connection.RejectionOfAsync(() => connection.ExecuteAsync(statement, cancel), _ => true, cancel) is null;

    /// <summary>
    /// A view by its own definition, because a statement may read it. One without a definition that fits the copies is
    /// replaced by the columns that it depends on, so that the server refuses the same statements.
    /// </summary>
    private async Task<IReadOnlyList<(string? Itself, string StandIn)>> DependentsAsync(
        string[] tables,
        CancellationToken cancel
    )
    {
        IReadOnlyList<(bool IsView, string Name, string Relation, string[] Columns, string? Definition)> uses =
            await connection.QueryAsync(
                DependentsQuery,
                row =>
                    (
                        row.GetBoolean(0),
                        row.GetString(1),
                        row.GetString(2),
                        row.GetFieldValue<string[]>(3),
                        row.Nullable<string>(4)
                    ),
                cancel,
                (object)tables
            );
        return
        [
            .. uses.GroupBy(use => (use.IsView, use.Name))
                .Select(dependent =>
                {
                    string standIn = StandIn(
                        dependent.Key.IsView,
                        dependent.Key.Name,
                        [.. dependent.Select(use => (use.Relation, use.Columns))]
                    );
                    return (
                        dependent.First().Definition is { } definition
                            ? $"CREATE TEMPORARY VIEW {Sql.Name(dependent.Key.Name)} AS "
                                + $"{definition.TrimEnd().TrimEnd(';')}"
                            : null,
                        standIn
                    );
                }),
        ];
    }

    private static string StandIn(bool isView, string name, (string Relation, string[] Columns)[] uses)
    {
        string[] columns = [.. uses.SelectMany((use, n) => use.Columns.Select(column => $"t{n}.{Sql.Name(column)}"))];
        string query =
            "SELECT "
            + $"{string.Join(", ", columns.DefaultIfEmpty("1").Select((column, n) => $"{column} AS c{n}"))} "
            + $"FROM {string.Join(", ", uses.Select((use, n) => $"{use.Relation} t{n}"))}";
        return isView
            ? $"CREATE TEMPORARY VIEW {Sql.Name(name)} AS {query}"
            : $"CREATE FUNCTION pg_temp.{Sql.Name(name)}() RETURNS void LANGUAGE sql BEGIN ATOMIC {query}; END";
    }

    private const string DependentsQuery = """
        SELECT d.classid = 'pg_rewrite'::regclass, coalesce(v.relname, p.proname)::text, named.relation,
            array_remove(array_agg(DISTINCT a.attname::text), NULL), pg_get_viewdef(v.oid)
        FROM unnest($1) AS named(relation)
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = named.relation::regclass
            AND d.deptype = 'n'
        LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
        LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
            LEFT JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
        LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
        WHERE coalesce(v.oid, p.oid) IS NOT NULL
        GROUP BY 1, 2, 3, v.oid, p.oid ORDER BY 2, 3
        """;

    /// <summary>
    /// Statements that create them: $1 the original, $2 the copy, $3 all originals (no other table can be a parent), $4
    /// with dependents of the columns.
    /// </summary>
    private static readonly string Query = $$"""
        SELECT statement FROM (
          SELECT 0 AS n, k.oid, format('ALTER TABLE %s DROP CONSTRAINT %I', $2, k.conname) AS statement
              FROM pg_constraint k WHERE k.conrelid = $1::regclass AND k.contype IN ('c', 'n')
              AND pg_get_constraintdef(k.oid) LIKE '% NOT VALID'
          UNION ALL SELECT 1, k.oid, format('ALTER TABLE %s ADD CONSTRAINT %I %s', $2, k.conname,
              pg_get_constraintdef(k.oid)) FROM pg_constraint k WHERE k.conrelid = $1::regclass
              AND k.contype IN ('c', 'n') AND pg_get_constraintdef(k.oid) LIKE '% NOT VALID'
          UNION ALL SELECT 1, k.oid, format('ALTER TABLE %s ADD CONSTRAINT %s %s', $2, quote_ident(k.conname),
              pg_get_constraintdef(k.oid)) FROM pg_constraint k WHERE k.conrelid = $1::regclass AND k.contype = 'f'
              AND k.conparentid = 0
                    AND k.confrelid IN (SELECT to_regclass(name) FROM unnest($3) AS name)
          UNION ALL SELECT 2, 0, format('ALTER TABLE %s SET (%s = %L)', $2, quote_ident(option_name), option_value)
              FROM pg_class c CROSS JOIN pg_options_to_table(c.reloptions) WHERE c.oid = $1::regclass
          UNION ALL SELECT 2, 0, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', $2) FROM pg_class c
              WHERE c.oid = $1::regclass AND c.relrowsecurity
          UNION ALL SELECT 2, 0, format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', $2) FROM pg_class c
              WHERE c.oid = $1::regclass AND c.relforcerowsecurity
          UNION ALL SELECT 2, 0, format('ALTER TABLE %s REPLICA IDENTITY %s', $2, CASE c.relreplident
              WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE
                    (SELECT format('USING INDEX %I', i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                        WHERE x.indrelid = c.oid AND x.indisreplident) END) FROM pg_class c WHERE c.oid = $1::regclass
                        AND c.relreplident <> 'd'
          UNION ALL SELECT 2, 0, format('COMMENT ON TABLE %s IS %L', $2, obj_description($1::regclass, 'pg_class'))
              WHERE obj_description($1::regclass, 'pg_class') IS NOT NULL
          UNION ALL SELECT 3, t.oid, pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = $1::regclass
              AND NOT t.tgisinternal AND t.tgparentid = 0
          UNION ALL SELECT 4, t.oid, {{Definitions.Firing("$2")}}
                    FROM pg_trigger t WHERE t.tgrelid = $1::regclass AND NOT t.tgisinternal AND t.tgenabled <> 'O'
          UNION ALL SELECT 3, r.oid, pg_get_ruledef(r.oid) FROM pg_rewrite r WHERE r.ev_class = $1::regclass
              AND r.rulename <> '_RETURN'
          UNION ALL SELECT 3, p.oid, {{Definitions.Policy("$2")}}
                    FROM pg_policy p WHERE p.polrelid = $1::regclass
        ) AS belongings WHERE n < 3 OR $4 ORDER BY n, oid
        """;
}

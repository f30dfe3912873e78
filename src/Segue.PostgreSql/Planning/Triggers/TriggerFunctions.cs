using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Planning.Triggers;

/// <summary>
/// Finds the functions that the triggers of a table and its partitions run, without the system's own functions and
/// Segue's triggers.
/// </summary>
internal sealed class TriggerFunctions(NpgsqlConnection connection, Table table)
{
    /// <summary>How many functions may be between a trigger and one that writes.</summary>
    private const int Depth = 3;

    public async Task<IReadOnlyList<TriggerFunction>> FindAsync(CancellationToken cancel)
    {
        List<TriggerFunction> found = [.. await FiredAsync(cancel)];
        IReadOnlyList<TriggerFunction> last = found;
        for (int depth = 0; depth < Depth && last.Count > 0; depth++)
        {
            List<TriggerFunction> next = [];
            foreach (TriggerFunction caller in last.Where(function => function.CanBeRead))
            {
                IReadOnlyList<TriggerFunction> called = await CalledAsync(caller, cancel);
                next.AddRange(called.ExceptBy(found.Concat(next).Select(known => known.Oid), function => function.Oid));
            }

            found.AddRange(next);
            last = next;
        }

        return found;
    }

    private async Task<IReadOnlyList<TriggerFunction>> FiredAsync(CancellationToken cancel) =>
        await connection.QueryAsync(
            $$"""
            SELECT p.oid, p.oid::regprocedure::text, l.lanname::text, p.prosrc, array_agg(DISTINCT t.tgname::text),
                   array_remove(array_agg(DISTINCT t.tgoldtable::text) || array_agg(DISTINCT t.tgnewtable::text), NULL),
                       ({{OwnPath}})
            FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
            WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname !~ '{{ObjectNames.OwnTriggers}}'
                AND p.pronamespace <> 'pg_catalog'::regnamespace
              AND t.tgrelid IN {{Sql.Tree("$1::oid")}}
            GROUP BY p.oid, l.lanname ORDER BY 2
            """,
            row => new TriggerFunction(
                row.GetFieldValue<uint>(0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3),
                row.GetFieldValue<string[]>(4)
            )
            {
                Rows = RowCopies.Variables(row.GetString(3), table.Name),
                RowSets = row.GetFieldValue<string[]>(5),
                SearchPath = row.Nullable<string>(6),
            },
            cancel,
            (long)table.Oid
        );

    /// <summary>Functions of its user's that its text calls by name.</summary>
    private async Task<IReadOnlyList<TriggerFunction>> CalledAsync(TriggerFunction caller, CancellationToken cancel)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(caller.Source);
        string[] names =
        [
            .. tokens
                .Zip(tokens.Skip(1))
                .Where(pair => pair.First.IsName && pair.Second.Text == "(")
                .Select(pair => pair.First.Text)
                .Distinct(),
        ];
        return await connection.QueryAsync(
            $$"""
            SELECT p.oid, p.oid::regprocedure::text, l.lanname::text, p.prosrc, ({{OwnPath}}),
                   ARRAY(SELECT word FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS argument(type, position)
                         CROSS JOIN LATERAL unnest(ARRAY['$' || argument.position,
                             nullif(p.proargnames[argument.position], '')]) AS word
                         WHERE argument.type = (SELECT reltype FROM pg_class WHERE oid = $1::oid) AND word IS NOT NULL)
            FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.proname = ANY ($2) AND l.lanname IN ('plpgsql', 'sql')
                AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'segue') ORDER BY 2
            """,
            row => new TriggerFunction(
                row.GetFieldValue<uint>(0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3),
                caller.Triggers
            )
            {
                Rows = [.. row.GetFieldValue<string[]>(5), .. RowCopies.Variables(row.GetString(3), table.Name)],
                SearchPath = row.Nullable<string>(4),
            },
            cancel,
            (long)table.Oid,
            names
        );
    }

    private const string OwnPath =
        "SELECT substr(setting, length('search_path=') + 1) FROM unnest(p.proconfig) AS setting WHERE "
        + "setting LIKE 'search\\_path=%'";
}

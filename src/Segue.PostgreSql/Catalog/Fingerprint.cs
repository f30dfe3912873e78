using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// The touched tables as lines of text that are the same on every connection: the server's own definitions, without
/// Segue's objects. Without partitions too: they are created and dropped at any time, and are like their root.
/// </summary>
internal static class Fingerprint
{
    /// <summary>Runs inside the caller's transaction, as its last statement.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(
        NpgsqlConnection connection,
        IReadOnlyList<string> tables,
        CancellationToken cancel
    )
    {
        await Printing.BeginAsync(connection, cancel);
        return await connection.QueryAsync(Query, row => row.GetString(0), cancel, (object)tables.ToArray());
    }

    private const string Query = $$"""
        WITH t AS (SELECT c.*, format('%I.%I', n.nspname, c.relname) AS q FROM unnest($1) AS wanted
                   JOIN pg_class c ON c.oid = to_regclass(wanted) JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE NOT c.relispartition AND c.relkind NOT IN ('i', 'I'))
        SELECT line FROM (
            SELECT format('table %s kind %s persistence %s owner %s', q, relkind, relpersistence,
                pg_get_userbyid(relowner)) AS line FROM t
            UNION ALL
            SELECT format('column %s.%I %s%s', t.q, a.attname, format_type(a.atttypid, a.atttypmod), CASE a.attgenerated
                WHEN '' THEN '' ELSE ' generated' END)
            FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attname !~ '{{ObjectNames.KeptColumns}}'
            UNION ALL
            SELECT format('constraint %s.%I %s', t.q, k.conname, replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''))
            FROM t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
                AND k.conname !~ '{{ObjectNames.OwnConstraints}}'
                AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (k.conkey)
                    AND a.attname ~ '{{ObjectNames.KeptColumns}}')
            UNION ALL
            SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM t JOIN pg_index i ON i.indrelid = t.oid
                WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid
                AND k.contype IN ('p', 'u', 'x'))
            UNION ALL
            SELECT format('trigger %s.%I %s', t.q, g.tgname, pg_get_triggerdef(g.oid))
            FROM t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
                AND g.tgname !~ '{{ObjectNames.OwnTriggers}}') AS lines
        ORDER BY 1
        """;
}

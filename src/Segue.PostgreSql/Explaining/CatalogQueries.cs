using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Queries for names that code can use and rows that it may write. A comment or an expression is represented by its
/// checksum: only whether it changes counts.
/// </summary>
internal static class CatalogQueries
{
    /// <summary>Privileges without an entry are the default ones.</summary>
    private static string Rights(string acl, string kind, string owner) =>
        $"coalesce({acl}, acldefault({kind}, {owner}))::text[]";

    public static readonly string Relations = $$"""
        SELECT c.oid::bigint, c.relkind, n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text,
            c.relrowsecurity, c.relforcerowsecurity, coalesce(c.reloptions::text, ''),
               coalesce(md5(d.description), ''),
                   {{Rights("c.relacl", "CASE WHEN c.relkind = 'S' THEN 's'::\"char\" ELSE 'r' END", "c.relowner")}},
               ARRAY(SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid),
               CASE WHEN c.relhasrules THEN ARRAY(SELECT r.rulename::text FROM pg_rewrite r WHERE r.ev_class = c.oid
                   AND r.is_instead AND r.ev_type <> '1' AND r.ev_enabled IN ('O', 'A')) ELSE '{}' END,
               ARRAY(SELECT concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles::text, md5(p.polqual::text),
                   md5(p.polwithcheck::text)) FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY p.oid),
               CASE WHEN c.relkind <> 'r' OR c.relreplident = 'f' THEN true WHEN c.relreplident = 'n' THEN false
                 WHEN c.relreplident = 'd' THEN EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid
                     AND x.indisprimary AND x.indimmediate)
                 ELSE EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisreplident AND x.indisvalid)
                     END,
               CASE WHEN c.relkind = 'v' THEN coalesce((SELECT r.xmin::text || r.ctid::text FROM pg_rewrite r
                   WHERE r.ev_class = c.oid AND r.rulename = '_RETURN'), '') ELSE '' END,
               CASE WHEN c.relhasrules THEN ARRAY(SELECT r.rulename::text FROM pg_rewrite r WHERE r.ev_class = c.oid
                   AND r.rulename <> '_RETURN' AND r.ev_enabled IN ('O', 'A')) ELSE '{}' END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
        """;

    public const string Columns = """
        SELECT c.oid::bigint, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod), a.atttypid, a.atttypmod,
            a.attnotnull, coalesce(md5(e.adbin::text), ''), a.attidentity::text, a.attgenerated::text,
               concat_ws(' ', a.attstorage, a.attcompression, a.attstattarget, a.attoptions::text),
                   coalesce(md5(d.description), ''), coalesce(a.attacl::text[], '{}')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef e ON a.atthasdef AND e.adrelid = c.oid AND e.adnum = a.attnum
            LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid
            AND d.objsubid = a.attnum
        """;

    public const string Constraints = """
        SELECT k.oid::bigint, k.conrelid::bigint, k.contypid::bigint, k.conname::text, k.contype,
            coalesce(k.conkey, '{}'), k.conparentid <> 0 OR NOT k.conislocal FROM pg_constraint k
        """;

    public const string Indexes = """
        SELECT x.indexrelid::bigint, c.oid::bigint, i.relname::text, x.indisunique, x.indisprimary,
            EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.conrelid = c.oid),
               concat_ws(' ', (x.indkey::int2[])[0:x.indnkeyatts - 1]::text, md5(x.indexprs::text),
                   md5(x.indpred::text)), (x.indkey::int2[])[0:x.indnkeyatts - 1]
        FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        """;

    /// <summary>
    /// Segue does not read a function in another language, and a BEFORE trigger may change or skip any row. The
    /// server's own <c>suppress_redundant_updates_trigger</c> skips unchanged rows.
    /// </summary>
    public const string Triggers = """
        SELECT t.oid::bigint, c.oid::bigint, t.tgname::text, t.tgenabled IN ('O', 'A'), t.tgisinternal,
            coalesce(k.conname::text, ''), p.oid::regprocedure::text,
               concat_ws(' ', t.tgfoid, t.tgtype, t.tgattr, t.tgdeferrable, md5(t.tgqual::text), md5(t.tgargs)),
               t.tgtype & 66 <> 0 OR l.lanname <> 'plpgsql'
                   OR p.prosrc ~* '\mraise\M(?!\s+(debug|log|info|notice|warning)\M)'
                   OR p.prosrc ~* '\m(alter|call|execute|lock|refresh|truncate)\M'
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
            JOIN pg_language l ON l.oid = p.prolang
        LEFT JOIN pg_constraint k ON t.tgisinternal AND k.oid = t.tgconstraint AND k.contype = 'f'
        """;

    public static readonly string Things = $$"""
        WITH ns AS (SELECT * FROM pg_namespace WHERE nspname !~ '^(pg_|segue_kept_)'
            AND nspname NOT IN ('information_schema', 'segue'))
        SELECT 'schema ' || oid AS key, 'schema' AS kind, '' AS schema, nspname::text AS name, '' AS narrows,
            {{Rights("nspacl", "'n'", "nspowner")}} AS rights FROM ns
        UNION ALL SELECT 'function ' || p.oid, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate'
            ELSE 'function' END, nspname, format('%s(%s)', proname, pg_get_function_identity_arguments(p.oid)), '',
                  {{Rights("proacl", "'f'", "proowner")}} FROM pg_proc p JOIN ns ON ns.oid = pronamespace
        UNION ALL SELECT 'type ' || t.oid, CASE typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum type'
            ELSE 'type' END, nspname, typname, CASE WHEN typtype = 'd' AND typnotnull THEN 'NULL is refused'
            ELSE '' END,
                  {{Rights("typacl", "'T'", "typowner")}} FROM pg_type t JOIN ns ON ns.oid = typnamespace
                      WHERE typelem = 0 AND typrelid = 0
            AND typtype IN ('d', 'e', 'r', 'b')
        UNION ALL SELECT 'label ' || e.oid, 'value', nspname, format('%s.%L', typname, enumlabel), '', '{}'
            FROM pg_enum e JOIN pg_type t ON t.oid = enumtypid JOIN ns ON ns.oid = typnamespace
        UNION ALL SELECT 'operator ' || o.oid, 'operator', nspname, o.oid::regoperator::text, '', '{}'
            FROM pg_operator o JOIN ns ON ns.oid = oprnamespace
        UNION ALL SELECT 'collation ' || l.oid, 'collation', nspname, collname, '', '{}' FROM pg_collation l
            JOIN ns ON ns.oid = collnamespace
        UNION ALL SELECT 'cast ' || oid, 'cast', '', format('%s to %s', castsource::regtype, casttarget::regtype), '',
            '{}' FROM pg_cast WHERE oid >= 16384
        UNION ALL SELECT 'ts_config ' || f.oid, 'text search configuration', nspname, cfgname, '', '{}'
            FROM pg_ts_config f JOIN ns ON ns.oid = cfgnamespace
        UNION ALL SELECT 'extension ' || oid, 'extension', '', extname, '', '{}' FROM pg_extension
        UNION ALL SELECT 'publication ' || oid, 'publication', '', pubname, '', '{}' FROM pg_publication
        UNION ALL SELECT 'server ' || oid, 'server', '', srvname, '', '{}' FROM pg_foreign_server
        UNION ALL SELECT 'role ' || oid, 'role', '', rolname, CASE WHEN rolcanlogin THEN ''
            ELSE 'logins are refused' END, '{}' FROM pg_roles
        """;
}

using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// The objects at one moment, so that two moments can be compared. A table keeps its identity until it is dropped:
/// another one with its name does not have its rows.
/// </summary>
internal sealed class CatalogState
{
    private readonly HashSet<(string Thing, string State)> _lines;

    private CatalogState(IReadOnlyList<(string, string)> lines) => _lines = [.. lines];

    /// <param name="ofCopies">Temporary objects of this session; otherwise of the database.</param>
    public static Task<CatalogState> ReadAsync(NpgsqlConnection connection, bool ofCopies, CancellationToken cancel) =>
        connection.AsideAsync(
            async () =>
            {
                await Printing.BeginAsync(connection, cancel);
                return new CatalogState(
                    await connection.QueryAsync(
                        ofCopies ? Tables : $"{Tables} UNION ALL {Others}",
                        row => (row.GetString(0), row.GetString(1)),
                        cancel,
                        ofCopies
                    )
                );
            },
            cancel
        );

    /// <summary>Objects that differ, or exist at one moment only.</summary>
    public IReadOnlyList<string> Differences(CatalogState other) =>
        [
            .. _lines
                .Except(other._lines)
                .Concat(other._lines.Except(_lines))
                .Select(line => line.Thing)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>One without an entry is the default one.</summary>
    private static string Acl(string acl, string kind, string owner) =>
        $"(SELECT string_agg(item::text, ',' ORDER BY item::text) FROM unnest(coalesce({acl}, "
        + $"acldefault({kind}, {owner}))) AS item)";

    // An attribute's number distinguishes a column that was dropped and added again, empty, from one that stayed.
    private static readonly string Tables = $$"""
        SELECT thing, md5(string_agg(line, E'\n' ORDER BY line)) FROM (
        WITH ns AS (SELECT * FROM pg_namespace WHERE CASE WHEN $1 THEN oid = pg_my_temp_schema()
            ELSE nspname !~ '^(pg_|segue_kept_)' AND nspname NOT IN ('information_schema', 'segue') END),
             rel AS (SELECT c.*, concat(CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                 WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index'
                 ELSE 'table' END, ' ',
                                         CASE WHEN NOT $1 THEN ns.nspname || '.' END, c.relname) AS thing
                                             FROM pg_class c JOIN ns ON ns.oid = c.relnamespace)
        SELECT thing, concat_ws(' ', 'relation', CASE WHEN relkind IN ('r', 'p', 'm', 'S') THEN oid END, relkind,
            relpersistence, relowner,
                {{Acl("relacl", "CASE WHEN relkind = 'S' THEN 's'::\"char\" ELSE 'r' END", "relowner")}},
                relrowsecurity, relforcerowsecurity, relreplident, reloptions::text,
               pg_get_expr(relpartbound, oid), reltablespace, obj_description(oid, 'pg_class'),
                   CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END) AS line FROM rel
                   WHERE relkind NOT IN ('i', 'I')
        UNION ALL SELECT thing, concat_ws(' ', 'child of', inhparent::bigint, inhdetachpending) FROM pg_inherits
            JOIN rel ON rel.oid = inhrelid WHERE relkind NOT IN ('i', 'I')
        UNION ALL SELECT thing, concat_ws(' ', 'column', attnum, attname, format_type(atttypid, atttypmod),
            attcollation::regcollation, attnotnull, attidentity, attgenerated, attstorage, attcompression,
            attstattarget, attoptions::text,
                  attfdwoptions::text, attacl::text, attinhcount, col_description(rel.oid, attnum),
                      (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = rel.oid AND adnum = attnum))
                  FROM rel JOIN pg_attribute ON attrelid = rel.oid AND attnum > 0 AND NOT attisdropped
                      WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
        UNION ALL SELECT coalesce(thing, 'domain ' || contypid::regtype),
            concat_ws(' ', 'constraint', conname, pg_get_constraintdef(k.oid), convalidated,
            obj_description(k.oid, 'pg_constraint'))
                  FROM pg_constraint k JOIN ns ON ns.oid = connamespace LEFT JOIN rel ON rel.oid = conrelid
        UNION ALL SELECT thing, concat_ws(' ', pg_get_indexdef(indexrelid), indisprimary, indisvalid, indisclustered,
            indisreplident, obj_description(indexrelid, 'pg_class')) FROM pg_index JOIN rel ON rel.oid = indexrelid
        UNION ALL SELECT thing, concat_ws(' ', 'trigger', tgenabled, pg_get_triggerdef(t.oid),
            obj_description(t.oid, 'pg_trigger')) FROM pg_trigger t JOIN rel ON rel.oid = tgrelid WHERE NOT tgisinternal
        UNION ALL SELECT thing, concat_ws(' ', 'rule', ev_enabled, pg_get_ruledef(r.oid),
            obj_description(r.oid, 'pg_rewrite')) FROM pg_rewrite r JOIN rel ON rel.oid = ev_class
            WHERE rulename <> '_RETURN'
        UNION ALL SELECT thing, concat_ws(' ', 'policy', polname, polcmd, polpermissive, polroles::text,
            pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), obj_description(p.oid, 'pg_policy'))
            FROM pg_policy p JOIN rel ON rel.oid = polrelid
        UNION ALL SELECT concat('statistics ', stxname),
            concat_ws(' ', pg_get_statisticsobjdef(s.oid), stxowner, stxstattarget,
            obj_description(s.oid, 'pg_statistic_ext')) FROM pg_statistic_ext s JOIN ns ON ns.oid = stxnamespace
        ) AS described GROUP BY thing
        """;

    private static readonly string Others = $$"""
        SELECT thing, line FROM (
        WITH ns AS (SELECT * FROM pg_namespace WHERE nspname !~ '^(pg_|segue_kept_)'
            AND nspname NOT IN ('information_schema', 'segue'))
        SELECT 'schema ' || nspname AS thing, concat_ws(' ', nspowner, {{Acl("nspacl", "'n'", "nspowner")}},
            obj_description(oid, 'pg_namespace')) AS line FROM ns
        UNION ALL SELECT 'function ' || p.oid::regprocedure, concat_ws(' ', proowner,
            {{Acl("proacl", "'f'", "proowner")}}, obj_description(p.oid, 'pg_proc'), CASE
            WHEN prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(p.oid)
            ELSE (SELECT a::text FROM pg_aggregate a WHERE a.aggfnoid = p.oid) END)
                  FROM pg_proc p JOIN ns ON ns.oid = pronamespace
        UNION ALL SELECT 'sequence ' || seqrelid::regclass,
            concat_ws(' ', seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle)
            FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid JOIN ns ON ns.oid = relnamespace
        UNION ALL SELECT 'type ' || t.oid::regtype,
            concat_ws(' ', typtype, typowner, nullif(typbasetype, 0)::regtype, typtypmod, typnotnull, typdefault,
            typcollation::regcollation, {{Acl("typacl", "'T'", "typowner")}},
                  (SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum
                      WHERE enumtypid = t.oid), obj_description(t.oid, 'pg_type')) FROM pg_type t
                      JOIN ns ON ns.oid = typnamespace WHERE typelem = 0 AND typrelid = 0
        UNION ALL SELECT 'operator ' || o.oid::regoperator, concat_ws(' ', oprowner, oprcode, oprrest, oprjoin)
            FROM pg_operator o JOIN ns ON ns.oid = oprnamespace
        UNION ALL SELECT 'collation ' || l.oid::regcollation,
            concat_ws(' ', collowner, collprovider, collcollate, collctype, collisdeterministic) FROM pg_collation l
            JOIN ns ON ns.oid = collnamespace
        UNION ALL SELECT format('cast %s to %s', castsource::regtype, casttarget::regtype),
            concat_ws(' ', castfunc::regprocedure, castcontext, castmethod) FROM pg_cast WHERE oid >= 16384
        UNION ALL SELECT 'text search configuration ' || cfgname, cfgowner::text FROM pg_ts_config WHERE oid >= 16384
        UNION ALL SELECT 'text search dictionary ' || dictname, concat_ws(' ', dictowner, dictinitoption)
            FROM pg_ts_dict WHERE oid >= 16384
        UNION ALL SELECT 'publication ' || pubname,
            concat_ws(' ', pubowner, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot,
            (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM pg_publication_tables t WHERE t.pubname = p.pubname))
            FROM pg_publication p
        UNION ALL SELECT 'extension ' || extname, concat_ws(' ', extversion, extnamespace::regnamespace)
            FROM pg_extension
        UNION ALL SELECT 'event trigger ' || evtname,
            concat_ws(' ', evtevent, evtowner, evtfoid::regproc, evtenabled, evttags::text) FROM pg_event_trigger
        UNION ALL SELECT 'server ' || srvname, concat_ws(' ', srvowner, srvtype, srvversion, srvacl::text,
            srvoptions::text) FROM pg_foreign_server
        UNION ALL SELECT 'foreign data wrapper ' || fdwname, concat_ws(' ', fdwowner, fdwacl::text, fdwoptions::text)
            FROM pg_foreign_data_wrapper
        UNION ALL SELECT format('user mapping of %s for %s', srvname, usename), coalesce(umoptions::text, '')
            FROM pg_user_mappings
        UNION ALL SELECT 'default privileges', d::text
            FROM (SELECT defaclrole, defaclnamespace, defaclobjtype, defaclacl FROM pg_default_acl) d
        UNION ALL SELECT 'role ' || rolname, concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb,
            rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil) FROM pg_roles
        UNION ALL SELECT 'settings of roles and databases', concat_ws(' ', setdatabase, setrole, setconfig::text)
            FROM pg_db_role_setting
        UNION ALL SELECT 'roles and their members', concat_ws(' ', roleid, member, grantor, admin_option)
            FROM pg_auth_members
        ) AS described
        """;
}

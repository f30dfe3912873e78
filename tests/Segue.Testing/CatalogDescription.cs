using Npgsql;

namespace Segue.Testing;

/// <summary>
/// Everything the catalog says about a database's user objects, one line each, sorted: two databases with the same
/// lines are the same to
/// every app. Schema <c>segue</c>, tables that are kept aside, dropped columns and OIDs are left out.
/// </summary>
public static class CatalogDescription
{
    public static async Task<IReadOnlyList<string>> OfAsync(TestDatabase db)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        return await OfAsync(connection);
    }

    /// <summary>On a connection of the caller's, also in the middle of a transaction.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(NpgsqlConnection connection)
    {
        // With an empty search path the server qualifies every name it prints.
        await using NpgsqlCommand path = new("SET search_path = ''", connection);
        await path.ExecuteNonQueryAsync();

        // Planning takes longer than running it, and a session prepares it once.
        await using NpgsqlCommand command = new(Query(connection.PostgreSqlVersion.Major), connection);
        await command.PrepareAsync();
        List<string> lines = [];
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                lines.Add(reader.GetString(0));
            }
        }

        path.CommandText = "RESET search_path";
        await path.ExecuteNonQueryAsync();
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static string Query(int major)
    {
        string[] kinds =
        [
            Schema,
            Relation,
            ParentOf,
            Column,
            Constraint,
            Index,
            Trigger,
            Rule,
            Policy,
            Publication,
            Published,
            Statistics,
            Sequence,
            Function,
            Type,
            DefaultPrivileges,
            EventTrigger,
            Extension,
            .. major >= 15 ? [PublishedSchema] : Array.Empty<string>(),
            .. major >= 18 ? [NotEnforced] : Array.Empty<string>(),
        ];
        return $"{Common}\n{string.Join("\nUNION ALL\n", kinds)}";
    }

    private const string Common = """
        WITH ns AS (SELECT * FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%'
            AND nspname NOT IN ('information_schema', 'segue') AND nspname NOT LIKE 'segue\_kept\_%'),
             rel AS (SELECT c.*, format('%I.%I', ns.nspname, c.relname) AS q FROM pg_class c
                 JOIN ns ON ns.oid = c.relnamespace)
        """;

    private const string Schema = """
        SELECT concat_ws(' ', 'schema', quote_ident(nspname), pg_get_userbyid(nspowner), nspacl::text,
            obj_description(oid, 'pg_namespace')) FROM ns
        """;

    private const string Relation = """
        SELECT concat_ws(' ', 'relation', q, relkind, relpersistence, 'owner', pg_get_userbyid(relowner), 'acl',
            coalesce(relacl::text, '-'), relrowsecurity, relforcerowsecurity,
                 'identity', relreplident, (SELECT string_agg(option, ',' ORDER BY option)
                     FROM unnest(reloptions) option), pg_get_expr(relpartbound, oid),
                 CASE WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END, 'of', reloftype::regtype, 'space',
                     reltablespace, 'access', (SELECT amname FROM pg_am WHERE pg_am.oid = relam),
                 'comment', obj_description(oid, 'pg_class'))
        FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
        """;

    private const string ParentOf = """
        SELECT concat_ws(' ', 'parent of', rel.q, inhseqno, inhparent::regclass, inhdetachpending) FROM pg_inherits
            JOIN rel ON rel.oid = inhrelid WHERE rel.relkind <> 'i'
        """;

    private const string Column = """
        SELECT concat_ws(' ', 'column', q, position, quote_ident(attname), type, 'collation',
            attcollation::regcollation, 'not null', attnotnull, 'default', expression,
                 'identity', nullif(attidentity, ''), 'generated', nullif(attgenerated, ''), 'storage', attstorage,
                     nullif(attcompression, ''), 'statistics', nullif(attstattarget, -1),
                 attoptions, attfdwoptions, 'acl', attacl, 'inherited', attislocal, attinhcount, 'comment',
                     col_description(relid, attnum))
        FROM (SELECT rel.q, rel.oid AS relid, a.*,
            row_number() OVER (PARTITION BY rel.oid ORDER BY a.attnum) AS position,
            format_type(a.atttypid, a.atttypmod) AS type,
                     pg_get_expr(d.adbin, d.adrelid) AS expression
              FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
                  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE rel.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')) AS columns
        """;

    private const string Constraint = """
        SELECT concat_ws(' ', 'constraint', coalesce(rel.q, k.contypid::regtype::text), quote_ident(conname),
            contype, pg_get_constraintdef(k.oid), 'valid', convalidated,
                 condeferrable, condeferred, conislocal, coninhcount,
                     CASE WHEN contype IN ('c', 'n') THEN connoinherit END, 'index', nullif(conindid, 0)::regclass,
                     obj_description(k.oid, 'pg_constraint'))
        FROM pg_constraint k JOIN ns ON ns.oid = k.connamespace LEFT JOIN rel ON rel.oid = k.conrelid
        -- The server itself keeps what a foreign key to a partitioned table has for each of its partitions.
        WHERE NOT EXISTS (SELECT FROM pg_constraint above WHERE above.oid = k.conparentid
            AND above.conrelid = k.conrelid)
        """;

    private const string Index = """
        SELECT concat_ws(' ', 'index', rel.q, pg_get_indexdef(indexrelid), 'primary', indisprimary, 'valid',
            indisvalid, indisready, indislive, 'clustered', indisclustered,
                 'identity', indisreplident, 'parent',
                     (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = indexrelid),
                     obj_description(indexrelid, 'pg_class'))
        FROM pg_index JOIN rel ON rel.oid = indexrelid
        """;

    private const string Trigger = """
        SELECT concat_ws(' ', 'trigger', rel.q, tgenabled, pg_get_triggerdef(t.oid),
            obj_description(t.oid, 'pg_trigger')) FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid
            WHERE NOT tgisinternal
        """;

    private const string Rule = """
        SELECT concat_ws(' ', 'rule', rel.q, ev_enabled, pg_get_ruledef(r.oid)) FROM pg_rewrite r
            JOIN rel ON rel.oid = r.ev_class
        """;

    private const string Policy = """
        SELECT concat_ws(' ', 'policy', p::text) FROM pg_policies p WHERE schemaname !~ '^segue(_kept_.*)?$'
        """;

    private const string Publication = """
        SELECT concat_ws(' ', 'publication', pubname, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate,
            pubviaroot, pg_get_userbyid(pubowner)) FROM pg_publication
        """;

    private const string Published = """
        SELECT concat_ws(' ', 'published', p::text) FROM pg_publication_tables p
            WHERE schemaname !~ '^segue(_kept_.*)?$'
        """;

    private const string Statistics = """
        SELECT concat_ws(' ', 'statistics', pg_get_statisticsobjdef(s.oid), stxstattarget) FROM pg_statistic_ext s
            JOIN ns ON ns.oid = s.stxnamespace
        """;

    private const string Sequence = """
        SELECT concat_ws(' ', 'sequence', rel.q, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin,
            seqcache, seqcycle, 'owned by',
                 (SELECT format('%s.%I %s', d.refobjid::regclass, a.attname, d.deptype) FROM pg_depend d
                     JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = seqrelid
                      AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
        FROM pg_sequence JOIN rel ON rel.oid = seqrelid
        """;

    private const string Function = """
        SELECT concat_ws(' ', 'function', p.oid::regprocedure, pg_get_userbyid(proowner), 'acl', proacl,
            obj_description(p.oid, 'pg_proc'),
                 CASE WHEN prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END)
        FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace
        """;

    private const string Type = """
        SELECT concat_ws(' ', 'type', t.oid::regtype, typtype, pg_get_userbyid(typowner), 'base',
            nullif(typbasetype, 0)::regtype, typtypmod, typnotnull, typdefault, 'acl', typacl,
                 (SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum
                     WHERE enumtypid = t.oid), obj_description(t.oid, 'pg_type'))
        FROM pg_type t JOIN ns ON ns.oid = t.typnamespace WHERE typelem = 0
        """;

    private const string DefaultPrivileges = """
        SELECT concat_ws(' ', 'default privileges', defaclnamespace::regnamespace, defaclobjtype, defaclacl)
            FROM pg_default_acl
        """;

    private const string EventTrigger = """
        SELECT concat_ws(' ', 'event trigger', evtname, evtevent, evtfoid::regproc) FROM pg_event_trigger
            WHERE evtname <> 'segue_refuse_rewrite'
        """;

    private const string Extension = """
        SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
        """;

    /// <summary>From 15 on.</summary>
    private const string PublishedSchema =
        "SELECT concat_ws(' ', 'published schema', pnnspid::regnamespace) FROM pg_publication_namespace";

    /// <summary>From 18 on.</summary>
    private const string NotEnforced =
        "SELECT concat_ws(' ', 'not enforced', rel.q, quote_ident(conname)) FROM pg_constraint k "
        + "JOIN rel ON rel.oid = k.conrelid WHERE NOT conenforced";
}

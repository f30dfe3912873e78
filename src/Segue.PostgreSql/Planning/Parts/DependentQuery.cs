using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Catalog SQL for the objects that depend on the types of columns. A row each: <c>kind</c> (of <see
/// cref="DependentKind"/>), <c>depth</c> (a view comes after those of a lesser one), <c>oid</c>, <c>title</c>,
/// <c>schema</c>, <c>name</c>, <c>owner</c>, and <c>signature</c>, which changes as soon as the object is altered. It
/// prints no queries: that would wait for locks.
/// </summary>
internal static class DependentQuery
{
    /// <summary>Views that read each other, which nobody can query, would be followed forever.</summary>
    private const int Deepest = 100;

    /// <param name="table">Qualified and quoted.</param>
    public static string Of(string table, IReadOnlyList<string> columns) =>
        $"""
            WITH RECURSIVE root AS (SELECT to_regclass({Sql.Literal(table)})::oid AS oid),
            changed AS (
              SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute a WHERE NOT a.attisdropped
                  AND a.attname IN ({string.Join(", ", columns.Select(Sql.Literal))})
                AND a.attrelid IN (SELECT oid FROM root UNION SELECT relid FROM root,
                    pg_catalog.pg_partition_tree(root.oid))),
            {Direct},
            {Recreated},
            {Own},
            {Others}
            {ViewRows}
            UNION ALL
            {OtherRecreatedRows}
            UNION ALL
            {RefusedRows}
            """;

    /// <summary>Direct dependents of one of the columns.</summary>
    private const string Direct = """
        direct AS (
          SELECT DISTINCT changed.attrelid, d.classid, d.objid, d.objsubid FROM changed
              JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass
              AND d.refobjid = changed.attrelid AND d.refobjsubid = changed.attnum
          WHERE d.classid IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass,
              'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_proc'::regclass,
              'pg_catalog.pg_publication_rel'::regclass)
            OR (d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid > 0)
            OR (d.classid = 'pg_catalog.pg_attrdef'::regclass
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef own WHERE own.oid = d.objid
                AND own.adrelid = changed.attrelid AND own.adnum = changed.attnum)))
        """;

    /// <summary>
    /// Views at any depth; triggers, policies and CHECKs of the table. Of a partition's dependents only the copies of
    /// the root's own are recreated, together with those.
    /// </summary>
    private static readonly string Recreated = $"""
        deep AS (
          SELECT v.oid, 0 AS depth FROM root JOIN direct ON direct.attrelid = root.oid
              JOIN pg_catalog.pg_rewrite r ON direct.classid = 'pg_catalog.pg_rewrite'::regclass
              AND r.oid = direct.objid AND r.rulename = '_RETURN'
          JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind = 'v' AND v.relpersistence <> 't'
          UNION
          SELECT v.oid, deep.depth + 1 FROM deep
              JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = deep.oid
              AND d.classid = 'pg_catalog.pg_rewrite'::regclass
          JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND r.rulename = '_RETURN' AND r.ev_class <> deep.oid
          JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind = 'v' AND v.relpersistence <> 't'
              WHERE deep.depth < {Deepest}),
        views AS (SELECT v.oid, max(deep.depth) AS depth, v.relname, v.relowner, v.relacl, v.reloptions, n.nspname
            FROM deep JOIN pg_catalog.pg_class v ON v.oid = deep.oid
            JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
                  GROUP BY v.oid, v.relname, v.relowner, v.relacl, v.reloptions, n.nspname),
        triggers AS (SELECT DISTINCT t.oid, t.tgname, t.tgenabled, t.tgrelid, t.tgconstraint FROM direct
            JOIN pg_catalog.pg_trigger t ON direct.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = direct.objid
            JOIN root ON t.tgrelid = root.oid
                     WHERE NOT t.tgisinternal AND t.tgname !~ '{ObjectNames.OwnTriggers}'),
        policies AS (SELECT DISTINCT p.oid, p.polname, p.polcmd, p.polpermissive, p.polroles,
            p.polqual::text AS polqual, p.polwithcheck::text AS polwithcheck FROM direct
            JOIN pg_catalog.pg_policy p ON direct.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = direct.objid
            JOIN root ON p.polrelid = root.oid),
        checks AS (SELECT DISTINCT k.oid, k.conname, k.conbin::text AS conbin, k.convalidated, k.connoinherit FROM root
            JOIN changed ON changed.attrelid = root.oid JOIN pg_catalog.pg_constraint k ON k.conrelid = root.oid
            AND changed.attnum = ANY (k.conkey)
                   WHERE k.contype = 'c' AND k.coninhcount = 0 AND k.conname !~ '{ObjectNames.OwnConstraints}')
        """;

    /// <summary>
    /// Objects that are dropped and recreated with a dependent: a view's rules, triggers, defaults and types, and the
    /// copies of a trigger in partitions.
    /// </summary>
    private const string Own = """
        own AS (
          SELECT 'pg_catalog.pg_class'::regclass::oid AS class, oid FROM views
          UNION SELECT 'pg_catalog.pg_type'::regclass, t.oid FROM views
              JOIN pg_catalog.pg_type t ON t.typrelid = views.oid
          UNION SELECT 'pg_catalog.pg_type'::regclass, t.typarray FROM views
              JOIN pg_catalog.pg_type t ON t.typrelid = views.oid
          UNION SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid FROM views
              JOIN pg_catalog.pg_rewrite r ON r.ev_class = views.oid
          UNION SELECT 'pg_catalog.pg_trigger'::regclass, t.oid FROM views
              JOIN pg_catalog.pg_trigger t ON t.tgrelid = views.oid
          UNION SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid FROM views
              JOIN pg_catalog.pg_attrdef d ON d.adrelid = views.oid
          UNION SELECT 'pg_catalog.pg_trigger'::regclass, oid FROM triggers
          UNION SELECT 'pg_catalog.pg_trigger'::regclass, clone.oid FROM triggers t
              JOIN pg_catalog.pg_trigger clone ON clone.tgname = t.tgname AND clone.tgparentid <> 0
                JOIN pg_catalog.pg_partition_tree(t.tgrelid) tree ON tree.relid = clone.tgrelid AND tree.level > 0
          UNION SELECT 'pg_catalog.pg_policy'::regclass, oid FROM policies
          UNION SELECT 'pg_catalog.pg_constraint'::regclass, oid FROM checks)
        """;

    /// <summary>
    /// Objects that depend on the columns, or on a recreated object, and may be recreated themselves.
    /// </summary>
    private const string Others = """
        others AS (
          SELECT direct.classid, direct.objid, direct.objsubid FROM direct
          UNION SELECT d.classid, d.objid, d.objsubid FROM own JOIN pg_catalog.pg_depend d ON d.refclassid = own.class
              AND d.refobjid = own.oid WHERE d.deptype IN ('n', 'a'))
        """;

    private static readonly string ViewRows = $"""
        SELECT 'view' AS kind, depth, views.oid::bigint,
            pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, views.oid, 0) AS title,
            nspname::text AS schema, relname::text AS name, pg_catalog.pg_get_userbyid(relowner)::text AS owner,
          md5(concat_ws('|', pg_catalog.pg_get_userbyid(relowner), relacl::text, reloptions::text,
              pg_catalog.obj_description(views.oid, 'pg_class'),
            (SELECT string_agg(concat_ws(' ', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                a.attacl::text, pg_catalog.col_description(views.oid, a.attnum),
               (SELECT concat_ws(' ', f.adbin::text, {Needs("pg_attrdef", "f.oid")}) FROM pg_catalog.pg_attrdef f
                   WHERE f.adrelid = views.oid AND f.adnum = a.attnum)), ',' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = views.oid AND a.attnum > 0),
            (SELECT string_agg(concat_ws(' ', t.tgname, t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid),
                pg_catalog.obj_description(t.oid, 'pg_trigger')), ',' ORDER BY t.tgname) FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = views.oid AND NOT t.tgisinternal),
            (SELECT string_agg(concat_ws(' ', r.rulename, r.ev_enabled, r.ev_qual::text, r.ev_action::text,
                pg_catalog.obj_description(r.oid, 'pg_rewrite'), {Needs("pg_rewrite", "r.oid")}), ','
                    ORDER BY r.rulename) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = views.oid))) AS signature
        FROM views
        """;

    private static readonly string OtherRecreatedRows = $"""
        SELECT 'trigger', 0, oid::bigint, pg_catalog.pg_describe_object('pg_catalog.pg_trigger'::regclass, oid, 0),
            NULL, tgname::text, NULL,
          md5(concat_ws('|', tgenabled, pg_catalog.pg_get_triggerdef(oid),
              pg_catalog.obj_description(oid, 'pg_trigger'))) FROM triggers
        UNION ALL
        SELECT 'policy', 0, oid::bigint, pg_catalog.pg_describe_object('pg_catalog.pg_policy'::regclass, oid, 0), NULL,
            polname::text, NULL,
          md5(concat_ws('|', polcmd, polpermissive, polroles::regrole[]::text, polqual, polwithcheck,
              pg_catalog.obj_description(oid, 'pg_policy'), {Needs("pg_policy", "policies.oid")})) FROM policies
        UNION ALL
        SELECT 'check', 0, oid::bigint, pg_catalog.pg_describe_object('pg_catalog.pg_constraint'::regclass, oid, 0),
            NULL, conname::text, NULL,
          md5(concat_ws('|', convalidated, connoinherit, conbin, pg_catalog.obj_description(oid, 'pg_constraint'),
              {Needs("pg_constraint", "checks.oid")})) FROM checks
        """;

    /// <summary>By its name; and objects that can be recreated but have a part that cannot.</summary>
    private static readonly string RefusedRows = $"""
        SELECT DISTINCT CASE WHEN sync.oid IS NULL THEN 'other' ELSE 'sync' END, 0, 0,
            coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0)
            || CASE c.relpersistence WHEN 't' THEN ', a temporary one that goes with its session' ELSE '' END
           FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
               WHERE classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = objid AND r.rulename = '_RETURN'),
          pg_catalog.pg_describe_object(classid, objid, objsubid)), NULL, coalesce(sync.tgname::text, ''), NULL, ''
        FROM others LEFT JOIN pg_catalog.pg_trigger sync ON others.classid = 'pg_catalog.pg_trigger'::regclass
            AND sync.oid = others.objid AND sync.tgname ~ '{ObjectNames.OwnTriggers}'
            WHERE NOT EXISTS (SELECT FROM own WHERE own.class = others.classid AND own.oid = others.objid)
        UNION
        SELECT 'other', 0, 0, pg_catalog.pg_describe_object(own.class, own.oid, 0) || ', ' || why.why, NULL, '', NULL,
            ''
        FROM own CROSS JOIN LATERAL (
          SELECT 'which is bound to an extension' AS why
              WHERE EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = own.class AND d.objid = own.oid
              AND d.deptype IN ('e', 'x'))
          UNION ALL SELECT 'which has a security label'
              WHERE EXISTS (SELECT FROM pg_catalog.pg_seclabel l WHERE l.classoid = own.class AND l.objoid = own.oid)
          UNION ALL SELECT 'whose constraint has a comment' FROM triggers t
              WHERE own.class = 'pg_catalog.pg_trigger'::regclass AND own.oid = t.oid AND t.tgconstraint <> 0
              AND pg_catalog.obj_description(t.tgconstraint, 'pg_constraint') IS NOT NULL
          UNION ALL SELECT 'which fires otherwise, or has a comment, on one of the partitions' FROM triggers t
              JOIN pg_catalog.pg_trigger clone ON clone.tgname = t.tgname AND clone.tgparentid <> 0
            JOIN pg_catalog.pg_partition_tree(t.tgrelid) tree ON tree.relid = clone.tgrelid AND tree.level > 0
            WHERE own.class = 'pg_catalog.pg_trigger'::regclass AND own.oid = t.oid
                AND (clone.tgenabled <> t.tgenabled OR pg_catalog.obj_description(clone.oid, 'pg_trigger') IS NOT NULL)
          UNION ALL SELECT 'on which ' || pg_catalog.pg_get_userbyid(a.grantor)
              || ', who does not own it, has granted rights' FROM views CROSS JOIN LATERAL (
              SELECT (aclexplode(views.relacl)).grantor UNION SELECT (aclexplode(c.attacl)).grantor
                  FROM pg_catalog.pg_attribute c WHERE c.attrelid = views.oid) a
            WHERE own.class = 'pg_catalog.pg_class'::regclass AND views.oid = own.oid AND a.grantor <> views.relowner)
                AS why
        """;

    /// <summary>
    /// The objects that a definition names, by their current names: the stored definition does not contain them.
    /// </summary>
    private static string Needs(string catalog, string oid) =>
        "(SELECT string_agg(o.identity, ' ' ORDER BY o.identity) FROM pg_catalog.pg_depend d CROSS JOIN "
        + "LATERAL pg_catalog.pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) o WHERE d.classid = "
        + $"'pg_catalog.{catalog}'::regclass AND d.objid = {oid})";
}

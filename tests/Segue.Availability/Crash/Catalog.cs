using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>What the catalog says of the objects in schema public, and of what Segue makes for them.</summary>
internal static class Catalog
{
    public static Task<IReadOnlyList<string>> OfAsync(TestDatabase database) =>
        database.ColumnAsync(
            $"""
            SELECT line FROM (
              SELECT concat_ws(' ', 'column', c.oid::regclass, quote_ident(attname), format_type(atttypid, atttypmod),
                  attnotnull, pg_get_expr(adbin, adrelid), col_description(c.oid, attnum)) AS line
              FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                  LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
              WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
              UNION ALL SELECT format('constraint %s %I %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid),
                  convalidated) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
              UNION ALL SELECT format('index %s %s', pg_get_indexdef(indexrelid), indisvalid) FROM pg_index
                  JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
              UNION ALL SELECT format('partition %s of %s %s', inhrelid::regclass, inhparent::regclass,
                  inhdetachpending) FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
                  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
              UNION ALL SELECT format('type %s %s %s', t.oid::regtype, typdefault,
                  ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder)) FROM pg_type t
                  WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e')
              UNION ALL SELECT format('view %s %s', oid::regclass, pg_get_viewdef(oid)) FROM pg_class
                  WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
              UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
                  AND tgrelid::regclass::text NOT LIKE 'segue.%'
              UNION ALL SELECT format('function %s', oid::regprocedure) FROM pg_proc
                  WHERE pronamespace IN ('public'::regnamespace, to_regnamespace('segue'))
                AND NOT (pronamespace = to_regnamespace('segue') AND proname IN ({LedgerFunctions.Names}))
              UNION ALL SELECT format('sequence %s', oid::regclass) FROM pg_class WHERE relkind = 'S'
                  AND relnamespace = 'public'::regnamespace) AS lines
            ORDER BY line COLLATE "C"
            """
        );
}

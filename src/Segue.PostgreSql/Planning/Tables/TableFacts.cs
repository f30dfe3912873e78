using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Tables;

/// <summary>Facts of a table that only kinds need that move the table itself.</summary>
internal sealed record TableFacts
{
    public required bool HasRowSecurity { get; init; }

    public required string? Comment { get; init; }

    /// <summary>Columns with a default of their own, and its expression as the server prints it.</summary>
    public required IReadOnlyList<(string Column, string Expression)> Defaults { get; init; }

    /// <summary>That write to it.</summary>
    public required IReadOnlyList<string> Subscriptions { get; init; }

    /// <summary>The extension that it, or a partition of it, belongs to; null for none.</summary>
    public required string? Extension { get; init; }

    /// <summary>Dropped columns that it keeps for a rollback.</summary>
    public required IReadOnlyList<string> KeptColumns { get; init; }

    /// <summary>Prefixes of the fingerprint lines about it.</summary>
    public required IReadOnlyList<string> FingerprintLines { get; init; }

    public static Task<TableFacts> OfAsync(NpgsqlConnection connection, Table table, CancellationToken cancel) =>
        connection.AsideAsync(
            async () =>
                (
                    await connection.QueryAsync(
                        $"""
                        SELECT c.relrowsecurity, obj_description(c.oid, 'pg_class'),
                            ARRAY(SELECT s.subname::text FROM pg_subscription_rel r
                            JOIN pg_stat_subscription s ON s.subid = r.srsubid WHERE r.srrelid = c.oid),
                               ARRAY[format('table %I.%I ', n.nspname, c.relname),
                                   format('column %I.%I.', n.nspname, c.relname),
                                   format('constraint %I.%I.', n.nspname, c.relname),
                                   format('trigger %I.%I.', n.nspname, c.relname)],
                               ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.atthasdef
                                   AND a.attgenerated = '' ORDER BY a.attnum),
                               ARRAY(SELECT {Printing.Of("pg_get_expr(d.adbin, d.adrelid)")} FROM pg_attribute a
                                   JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                            WHERE a.attrelid = c.oid AND a.attgenerated = '' ORDER BY a.attnum),
                               (SELECT min(e.extname::text) FROM pg_depend m JOIN pg_extension e ON e.oid = m.refobjid
                                   WHERE m.classid = 'pg_class'::regclass AND m.refclassid = 'pg_extension'::regclass
                                   AND m.deptype = 'e'
                                AND m.objid IN (SELECT c.oid UNION SELECT relid
                                    FROM pg_partition_tree(c.oid::regclass))),
                               ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid
                                   AND a.attname ~ '{ObjectNames.KeptColumns}')
                        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid
                        """,
                        row => new TableFacts
                        {
                            HasRowSecurity = row.GetBoolean(0),
                            Comment = row.Nullable<string>(1),
                            Subscriptions = row.GetFieldValue<string[]>(2),
                            FingerprintLines = row.GetFieldValue<string[]>(3),
                            Defaults = [.. row.GetFieldValue<string[]>(4).Zip(row.GetFieldValue<string[]>(5))],
                            Extension = row.Nullable<string>(6),
                            KeptColumns = row.GetFieldValue<string[]>(7),
                        },
                        cancel,
                        (long)table.Oid
                    )
                )[0],
            cancel
        );

    /// <summary>An object of the schema prevents a table of that name; array types are renamed by the server.</summary>
    public static Task<bool> IsTakenAsync(NpgsqlConnection connection, TableName name, CancellationToken cancel) =>
        connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1
                AND c.relname = $2)
                OR EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1
                    AND t.typname = $2 AND t.typelem = 0)
            """,
            cancel,
            name.Schema,
            name.Name
        );
}

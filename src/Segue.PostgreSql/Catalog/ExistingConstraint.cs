using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>An existing constraint.</summary>
internal sealed record ExistingConstraint
{
    /// <summary>
    /// Expressions over <c>pg_constraint k</c>, a foreign key: its columns, and those that they refer to, quoted and in
    /// the key's order.
    /// </summary>
    public const string KeyColumns = $"{Own}, {Referenced}";

    private const string Own =
        "ARRAY(SELECT quote_ident(attname) FROM unnest(k.conkey) WITH ORDINALITY AS u(num, i) JOIN "
        + "pg_attribute ON attrelid = k.conrelid AND attnum = num ORDER BY i)";
    private const string Referenced =
        "ARRAY(SELECT quote_ident(attname) FROM unnest(k.confkey) WITH ORDINALITY AS u(num, i) JOIN "
        + "pg_attribute ON attrelid = k.confrelid AND attnum = num ORDER BY i)";

    public required string Name { get; init; }

    /// <summary><c>pg_constraint.contype</c>.</summary>
    public required char Kind { get; init; }

    /// <summary>As the server prints it.</summary>
    public required string Definition { get; init; }

    /// <summary>Inherited from the root, or from a parent.</summary>
    public required bool IsInherited { get; init; }

    /// <summary>The parent of a foreign key; null for others.</summary>
    public required TableName? Parent { get; init; }

    /// <summary>Published updates use its index.</summary>
    public required bool IsReplicaIdentity { get; init; }

    /// <summary>An object that depends on it, in the server's words.</summary>
    public required IReadOnlyList<string> Dependents { get; init; }

    /// <summary>The beginning of its line in a fingerprint.</summary>
    public required string FingerprintLine { get; init; }

    /// <summary>In words, e.g. <c>foreign key</c>.</summary>
    public string KindName =>
        Kind switch
        {
            'p' => "primary key",
            'u' => "UNIQUE",
            'f' => "foreign key",
            'x' => "EXCLUDE",
            'n' => "NOT NULL",
            _ => "CHECK",
        };

    public static Task<IReadOnlyList<ExistingConstraint>> OfAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) => connection.AsideAsync(() => connection.QueryAsync(Query, Read, cancel, (long)table.Oid), cancel);

    private static ExistingConstraint Read(NpgsqlDataReader row) =>
        new()
        {
            Name = row.GetString(0),
            Kind = row.GetChar(1),
            Definition = row.GetString(2),
            IsInherited = row.GetBoolean(3),
            Parent = row.IsDBNull(4) ? null : new TableName(row.GetString(4), row.GetString(5)),
            IsReplicaIdentity = row.GetBoolean(6),
            Dependents = row.GetFieldValue<string[]>(7),
            FingerprintLine = row.GetString(8),
        };

    private static readonly string Query = $"""
        SELECT k.conname::text, k.contype, {Printing.Of("pg_get_constraintdef(k.oid)")}, k.coninhcount > 0,
            pn.nspname::text, p.relname::text,
               coalesce((SELECT i.indisreplident FROM pg_index i WHERE i.indexrelid = k.conindid
                   AND k.contype IN ('p', 'u', 'x')), false)
                 OR (k.contype = 'p' AND t.relreplident = 'd'
                     AND EXISTS (SELECT FROM pg_publication_tables s WHERE s.schemaname = n.nspname
                     AND s.tablename = t.relname)),
               coalesce((SELECT array_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid)) FROM pg_depend d
                         WHERE d.deptype = 'n' AND ((d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid)
                           OR (k.contype IN ('p', 'u', 'x') AND d.refclassid = 'pg_class'::regclass
                               AND d.refobjid = k.conindid))), '{"{}"}')
               || ARRAY(SELECT 'the primary key ' || p.conname FROM pg_constraint p WHERE k.contype = 'n'
                   AND p.conrelid = k.conrelid AND p.contype = 'p' AND k.conkey[1] = ANY (p.conkey)
                        UNION ALL SELECT 'the identity column ' || a.attname FROM pg_attribute a WHERE k.contype = 'n'
                            AND a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND a.attidentity <> ''),
               format('constraint %I.%I.%I ', n.nspname, t.relname, k.conname)
        FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
        LEFT JOIN pg_class p ON p.oid = k.confrelid AND k.contype = 'f'
            LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE k.conrelid = $1::oid AND k.contype IN ('p', 'u', 'f', 'c', 'x', 'n') ORDER BY 1
        """;
}

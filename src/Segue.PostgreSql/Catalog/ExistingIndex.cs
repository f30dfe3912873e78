using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>An existing index.</summary>
internal sealed record ExistingIndex
{
    public required TableName Table { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    public required IndexDefinition Definition { get; init; }

    public required bool IsUnique { get; init; }

    /// <summary>The index of a partitioned table.</summary>
    public required bool IsPartitioned { get; init; }

    /// <summary>A part of a partitioned table's index.</summary>
    public required bool IsAttached { get; init; }

    /// <summary>The table's updates are published by it.</summary>
    public required bool IsReplicaIdentity { get; init; }

    /// <summary>The constraint it serves; null for none.</summary>
    public required string? Constraint { get; init; }

    /// <summary>An object that depends on it, in the server's words.</summary>
    public required IReadOnlyList<string> Dependents { get; init; }

    /// <summary>How often it was used since the statistics were last reset.</summary>
    public required long Scans { get; init; }

    /// <summary>Its line in a fingerprint, where it serves no constraint.</summary>
    public required string FingerprintLine { get; init; }

    /// <summary>Null when no such index is visible.</summary>
    public static async Task<ExistingIndex?> FindAsync(
        NpgsqlConnection connection,
        TableName name,
        CancellationToken cancel
    )
    {
        string quoted = name.Schema is null ? Sql.Name(name.Name) : Sql.Name(name.Schema, name.Name);
        IReadOnlyList<ExistingIndex> found = await connection.AsideAsync(
            () => connection.QueryAsync(Query, Read, cancel, quoted),
            cancel
        );
        return found.Count == 0 ? null : found[0];
    }

    private static ExistingIndex Read(NpgsqlDataReader row) =>
        new()
        {
            Table = new TableName(row.GetString(0), row.GetString(1)),
            Schema = row.GetString(2),
            Name = row.GetString(3),
            Definition = new IndexDefinition(row.GetString(4), ""),
            IsUnique = row.GetBoolean(5),
            IsPartitioned = row.GetBoolean(6),
            IsAttached = row.GetBoolean(7),
            IsReplicaIdentity = row.GetBoolean(8),
            Constraint = row.Nullable<string>(9),
            Dependents = row.GetFieldValue<string[]>(10),
            Scans = row.GetInt64(11),
            FingerprintLine = row.GetString(12),
        };

    private static readonly string Query = $"""
        SELECT tn.nspname::text, t.relname::text, n.nspname::text, c.relname::text,
               substr(d.def, length(format('CREATE %sINDEX %I ON %s%I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' END,
                   c.relname, CASE WHEN c.relkind = 'I' THEN 'ONLY ' END, tn.nspname, t.relname)) + 1),
               i.indisunique, c.relkind = 'I', c.relispartition, i.indisreplident,
                   (SELECT k.conname::text FROM pg_constraint k WHERE k.conindid = c.oid
                   AND k.contype IN ('p', 'u', 'x') LIMIT 1),
               coalesce((SELECT array_agg(DISTINCT pg_describe_object(p.classid, p.objid, p.objsubid)) FROM pg_depend p
                         WHERE p.refclassid = 'pg_class'::regclass AND p.refobjid = c.oid AND p.deptype = 'n'),
                             '{"{}"}'),
               coalesce((SELECT sum(s.idx_scan) FROM pg_stat_user_indexes s
                   WHERE s.indexrelid IN {Sql.Tree("c.oid")}), 0)::bigint,
                   'index ' || d.def
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
        CROSS JOIN LATERAL (SELECT {Printing.Of("pg_get_indexdef(c.oid)")} AS def) AS d
        WHERE c.oid = to_regclass($1)
        """;
}

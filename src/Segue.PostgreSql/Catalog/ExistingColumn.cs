using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>An existing column.</summary>
internal sealed record ExistingColumn
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    /// <summary>A row type: its IS NULL checks the fields.</summary>
    public required bool IsComposite { get; init; }

    /// <summary>Qualified and quoted, if it differs from the type's own.</summary>
    public required string? Collation { get; init; }

    public required bool IsNotNull { get; init; }

    /// <summary>A NOT NULL constraint that was not proven for existing rows (from 18 on); null for none.</summary>
    public required string? UnprovenNotNull { get; init; }

    /// <summary>As the server prints it; null for none.</summary>
    public required string? Default { get; init; }

    public required bool IsGenerated { get; init; }

    public required bool IsIdentity { get; init; }

    public required string? Comment { get; init; }

    /// <summary>-1 for the server's default.</summary>
    public required int Statistics { get; init; }

    /// <summary><c>pg_attribute.attstorage</c>.</summary>
    public required char Storage { get; init; }

    /// <summary><c>pg_attribute.attcompression</c>; a NUL for the server's default.</summary>
    public required string Compression { get; init; }

    /// <summary>
    /// Constraints and keys that need it NOT NULL or need its type (primary key, partition key), in words.
    /// </summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Foreign keys that compare it with another table's columns.</summary>
    public required IReadOnlyList<string> ForeignKeys { get; init; }

    /// <summary>Null when there is no such column.</summary>
    /// <param name="relation">Qualified and quoted.</param>
    public static async Task<ExistingColumn?> FindAsync(
        NpgsqlConnection connection,
        string relation,
        string name,
        CancellationToken cancel
    )
    {
        IReadOnlyList<ExistingColumn> found = await connection.AsideAsync(
            () => connection.QueryAsync(Query, row => Read(row, name), cancel, relation, name),
            cancel
        );
        return found.Count == 0 ? null : found[0];
    }

    private static ExistingColumn Read(NpgsqlDataReader row, string name) =>
        new()
        {
            Name = name,
            Type = row.GetString(0),
            IsComposite = row.GetBoolean(1),
            IsNotNull = row.GetBoolean(2),
            Default = row.Nullable<string>(3),
            IsGenerated = row.GetBoolean(4),
            IsIdentity = row.GetBoolean(5),
            Comment = row.Nullable<string>(6),
            Statistics = row.GetInt32(7),
            Storage = row.GetChar(8),
            Compression = row.GetString(9),
            Keys = row.GetFieldValue<string[]>(10),
            ForeignKeys = row.GetFieldValue<string[]>(11),
            Collation = row.Nullable<string>(12),
            UnprovenNotNull = row.Nullable<string>(13),
        };

    private static readonly string Query = $"""
        SELECT {Printing.Of("format_type(a.atttypid, a.atttypmod)")}, t.typtype = 'c', a.attnotnull,
               CASE WHEN a.attgenerated = '' THEN {Printing.Of("pg_get_expr(d.adbin, d.adrelid)")} END, a.attgenerated
                   <> '', a.attidentity <> '', col_description(a.attrelid, a.attnum),
               coalesce(nullif(a.attstattarget, -1), -1)::int, a.attstorage, a.attcompression::text,
               ARRAY(SELECT 'the primary key ' || k.conname FROM pg_constraint k WHERE k.conrelid = a.attrelid
                   AND k.contype = 'p' AND a.attnum = ANY (k.conkey)
                     UNION ALL SELECT 'the replica identity ' || i.indexrelid::regclass FROM pg_index i
                         WHERE i.indrelid = a.attrelid AND i.indisreplident AND a.attnum = ANY (i.indkey::int2[])
                     UNION ALL SELECT 'the partition key' FROM pg_partitioned_table p
                         WHERE p.partrelid IN {Sql.Tree("a.attrelid")}
                       AND (EXISTS (SELECT FROM pg_attribute x WHERE x.attrelid = p.partrelid AND x.attname = a.attname
                           AND x.attnum = ANY (p.partattrs::int2[])) OR p.partexprs IS NOT NULL)),
               ARRAY(SELECT 'the foreign key ' || k.conname || ' of ' || k.conrelid::regclass FROM pg_constraint k
                     WHERE k.contype = 'f' AND k.conparentid = 0
                         AND ((k.conrelid = a.attrelid AND a.attnum = ANY (k.conkey))
                         OR (k.confrelid = a.attrelid AND a.attnum = ANY (k.confkey)))),
               (SELECT {Sql.Qualified("n.nspname", "c.collname")}
                   FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation
                   AND a.attcollation <> t.typcollation),
               (SELECT k.conname::text FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n'
                   AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid
            AND d.adnum = a.attnum
        WHERE a.attrelid = $1::regclass AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
        """;
}

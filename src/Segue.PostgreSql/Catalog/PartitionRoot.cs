using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>The requirements of a partitioned table for its partitions.</summary>
internal sealed record PartitionRoot
{
    /// <summary>As the server prints it behind PARTITION BY.</summary>
    public required string Key { get; init; }

    public required bool IsHash { get; init; }

    /// <summary>Its default partition; null for none.</summary>
    public required TableName? Default { get; init; }

    /// <summary>The bounds of its other partitions, as the server prints them.</summary>
    public required IReadOnlyList<string> Bounds { get; init; }

    public required IReadOnlyList<RootForeignKey> ForeignKeys { get; init; }

    /// <summary>Foreign keys of others that reference it.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>Publications that publish it with all its partitions.</summary>
    public required IReadOnlyList<string> Publications { get; init; }

    public static async Task<PartitionRoot> ReadAsync(NpgsqlConnection connection, Table root, CancellationToken cancel)
    {
        (string Key, bool IsHash, TableName? Default, string[] Bounds, string[] References, string[] Publications) = (
            await connection.QueryAsync(
                """
                SELECT pg_get_partkeydef(p.partrelid), p.partstrat = 'h', dn.nspname::text, d.relname::text,
                       ARRAY(SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i
                           JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = p.partrelid),
                       ARRAY(SELECT format('%s of %s', conname, conrelid::regclass) FROM pg_constraint
                           WHERE confrelid = p.partrelid AND contype = 'f' AND conparentid = 0),
                       ARRAY(SELECT pubname::text FROM pg_publication WHERE puballtables
                           OR oid IN (SELECT prpubid FROM pg_publication_rel WHERE prrelid = p.partrelid) ORDER BY 1)
                FROM pg_partitioned_table p LEFT JOIN pg_class d ON d.oid = p.partdefid
                    LEFT JOIN pg_namespace dn ON dn.oid = d.relnamespace WHERE p.partrelid = $1::oid
                """,
                row =>
                    (
                        row.GetString(0),
                        row.GetBoolean(1),
                        row.IsDBNull(3) ? null : new TableName(row.GetString(2), row.GetString(3)),
                        row.GetFieldValue<string[]>(4),
                        row.GetFieldValue<string[]>(5),
                        row.GetFieldValue<string[]>(6)
                    ),
                cancel,
                (long)root.Oid
            )
        )[0];
        return new PartitionRoot
        {
            Key = Key,
            IsHash = IsHash,
            Default = Default,
            Bounds = Bounds,
            References = References,
            Publications = Publications,
            ForeignKeys = await RootForeignKey.OfAsync(connection, root, cancel),
        };
    }
}

/// <summary>A foreign key of a table, with everything needed to create the same on another.</summary>
/// <param name="Definition">As the server prints it.</param>
internal sealed record RootForeignKey(
    string Name,
    IReadOnlyList<string> Columns,
    ForeignKeyReference Reference,
    string Definition,
    bool IsValid
)
{
    public static Task<IReadOnlyList<RootForeignKey>> OfAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) => connection.AsideAsync(() => connection.QueryAsync(Query, Read, cancel, (long)table.Oid), cancel);

    private static RootForeignKey Read(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetFieldValue<string[]>(1),
            new ForeignKeyReference
            {
                Table = new TableName(row.GetString(2), row.GetString(3)),
                Columns = [.. row.GetFieldValue<string[]>(4)],
                OnDelete = Action(row.GetChar(5)),
                OnUpdate = Action(row.GetChar(6)),
                Match = row.GetChar(7) == 'f' ? ForeignKeyMatch.Full : ForeignKeyMatch.Simple,
                Deferrable = row.GetBoolean(8),
                InitiallyDeferred = row.GetBoolean(9),
                OnDeleteColumns = [.. row.GetFieldValue<string[]>(10)],
            },
            row.GetString(11),
            row.GetBoolean(12)
        );

    private static ReferentialAction Action(char code) =>
        code switch
        {
            'r' => ReferentialAction.Restrict,
            'c' => ReferentialAction.Cascade,
            'n' => ReferentialAction.SetNull,
            'd' => ReferentialAction.SetDefault,
            _ => ReferentialAction.NoAction,
        };

    /// <summary>The catalog has the columns of ON DELETE SET from 15 on.</summary>
    private static readonly string Query = $"""
        SELECT k.conname::text, ARRAY(SELECT a.attname::text
            FROM unnest(k.conkey) WITH ORDINALITY AS key(number, position)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.number ORDER BY key.position),
               n.nspname::text, c.relname::text,
                   ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS key(number, position)
                   JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number ORDER BY key.position),
               k.confdeltype, k.confupdtype, k.confmatchtype, k.condeferrable, k.condeferred,
               ARRAY(SELECT a.attname::text
                   FROM jsonb_array_elements_text(coalesce(nullif(to_jsonb(k) -> 'confdelsetcols', 'null'), '[]'))
                   AS number JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = number::int),
               replace({Printing.Of("pg_get_constraintdef(k.oid)")}, ' NOT VALID', ''), k.convalidated
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.conrelid = $1::oid AND k.contype = 'f'
            AND NOT EXISTS (SELECT FROM pg_constraint above WHERE above.oid = k.conparentid
            AND above.conrelid = k.conrelid) ORDER BY k.conname
        """;
}

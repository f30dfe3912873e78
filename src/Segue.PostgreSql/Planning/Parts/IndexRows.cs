using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// The limit of a B-tree row: a third of a page, after compression (2,704 bytes with pages of 8 kB;
/// <c>BTMaxItemSize</c> in <c>nbtree.h</c>).
/// </summary>
internal static class IndexRows
{
    public const string Limit = "A row of a B-tree index holds 2,704 bytes, after compression.";

    private const string MostBytes = "((current_setting('block_size')::int - 56) / 3 / 8 * 8 - 8)";

    /// <summary>Bytes of a row's header, and of the length word of a value that was out of line in its table.</summary>
    private const int Head = 8;
    private const int Length = 4;

    /// <summary>Longer ones are out of line in the table.</summary>
    private const int LongestInline = 2000;

    /// <summary>
    /// A condition: the values together are too long for a row of the index. They are measured as stored in the table,
    /// compressed or not, without being fetched.
    /// </summary>
    public static string IsTooLong(IReadOnlyList<string> columns) =>
        $"{Head} + {string.Join(" + ", columns.Select(SizeOf))} > {MostBytes}";

    private static string SizeOf(string column) =>
        $"coalesce(pg_column_size({column}) "
        + $"+ CASE WHEN pg_column_size({column}) > {LongestInline} THEN {Length} ELSE 0 END, 0)";

    /// <summary>Segue cannot prevent later writes of old code.</summary>
    public static IEnumerable<Hazard> Hazards(string index, IndexDefinition definition)
    {
        if (definition.LongKeys.Count > 0)
        {
            yield return TooLong(Limit, definition.LongKeys);
        }

        if (definition.LongEntries.Count > 0)
        {
            yield return TooLong(LimitOf(definition), definition.LongEntries);
        }

        Hazard TooLong(string limit, IReadOnlyList<string> keys) =>
            new(
                "index-row-size",
                $"{limit} Once {index} is built, a statement that gives {string.Join(", ", keys)} a "
                    + "longer value fails, also in old code. If such values are possible, index a part or a "
                    + "hash of the value instead, or limit its length first."
            );
    }

    private static string LimitOf(IndexDefinition definition) =>
        definition.Text.Split(' ')[1] switch
        {
            "gin" => "A key of a GIN index holds 2,712 bytes, after compression.",
            "gist" => "A row of a GiST index fits into a page (8 kB), after compression.",
            "brin" =>
                "The two values that a BRIN index keeps of a range fit into a page (8 kB) together, after compression.",
            _ => "A row of an SP-GiST index with its included columns fits into a page (8 kB).",
        };

    /// <summary>
    /// An array for the index <c>i</c>: keys and included columns of a B-tree whose length has no sufficiently small
    /// limit.
    /// </summary>
    public const string LongKeys = """
        ARRAY(SELECT pg_get_indexdef(i.indexrelid, a.attnum, true) FROM pg_attribute a JOIN pg_class x
            ON x.oid = a.attrelid JOIN pg_am m ON m.oid = x.relam JOIN pg_type t ON t.oid = a.atttypid
              CROSS JOIN LATERAL (SELECT coalesce(nullif(t.typbasetype, 0), t.oid) AS base, CASE WHEN t.typbasetype <> 0
                  THEN t.typtypmod ELSE a.atttypmod END AS modifier) AS b
              WHERE a.attrelid = i.indexrelid AND m.amname = 'btree' AND a.attlen = -1 AND t.typtype NOT IN ('r', 'm')
                  AND b.base NOT IN ('numeric'::regtype, 'inet'::regtype, 'cidr'::regtype)
                AND CASE WHEN b.base IN ('varchar'::regtype, 'bpchar'::regtype) AND b.modifier > 4
                         THEN (b.modifier - 4) * pg_encoding_max_length((SELECT encoding FROM pg_database
                             WHERE datname = current_database())) > 2600
                         WHEN b.base IN ('bit'::regtype, 'varbit'::regtype) AND b.modifier > 0
                             THEN b.modifier / 8 > 2600 ELSE true END
              ORDER BY a.attnum)
        """;

    /// <summary>
    /// An array for the index <c>i</c>: columns that GIN, GiST, SP-GiST and BRIN store as they are, without a limit to
    /// their length. The server limits words of a text search, keys of jsonb, trigrams and hashes.
    /// </summary>
    public const string LongEntries = """
        ARRAY(SELECT pg_get_indexdef(i.indexrelid, a.attnum, true) FROM pg_attribute a JOIN pg_class x
            ON x.oid = a.attrelid JOIN pg_am m ON m.oid = x.relam JOIN pg_type k ON k.oid = a.atttypid
              LEFT JOIN pg_opclass o ON o.oid = i.indclass[a.attnum - 1]
              LEFT JOIN pg_attribute c ON c.attrelid = i.indrelid AND c.attnum = nullif(i.indkey[a.attnum - 1], 0)
              JOIN pg_type t ON t.oid = coalesce(c.atttypid, a.atttypid)
              CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype WHEN t.typcategory = 'A'
                  THEN t.typelem ELSE t.oid END AS base, CASE WHEN t.typtype = 'd' THEN t.typtypmod
                  ELSE coalesce(c.atttypmod, a.atttypmod) END AS modifier) AS b
              WHERE a.attrelid = i.indexrelid AND m.amname IN ('gin', 'gist', 'spgist', 'brin') AND a.attlen = -1
                AND (m.amname <> 'spgist' OR a.attnum > i.indnkeyatts)
                AND coalesce(o.opcname, '') !~ '^(jsonb|tsvector|gist_trgm)_|bloom|gist_hstore|ltree'
                AND b.base IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'bytea'::regtype,
                    'varbit'::regtype)
                AND NOT (b.base IN ('varchar'::regtype, 'bpchar'::regtype) AND b.modifier > 4
                         AND (b.modifier - 4) * pg_encoding_max_length((SELECT encoding FROM pg_database
                             WHERE datname = current_database())) <= 2600)
                AND NOT (b.base = 'varbit'::regtype AND b.modifier > 0 AND b.modifier / 8 <= 2600)
              ORDER BY a.attnum)
        """;
}

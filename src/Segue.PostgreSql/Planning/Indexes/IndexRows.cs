using Segue.Planning;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary>
/// How much a row of a B-tree can hold: a third of a page, after compression (2,704 bytes with pages of 8 kB;
/// <c>BTMaxItemSize</c> in <c>nbtree.h</c>).
/// </summary>
internal static class IndexRows
{
    public const string Limit = "A row of a B-tree index holds 2,704 bytes, after compression.";

    private const string MostBytes = "((current_setting('block_size')::int - 56) / 3 / 8 * 8 - 8)";

    /// <summary>
    /// Bytes of a row's head, and of the length that a value gets which was out of line in its table.
    /// </summary>
    private const int Head = 8;
    private const int Length = 4;

    /// <summary>Longer ones are out of line in the table.</summary>
    private const int LongestInline = 2000;

    /// <summary>
    /// A condition: the values together are too long for a row of the index. They are in the table as they will be
    /// there, compressed or not, and are not fetched to be measured.
    /// </summary>
    public static string IsTooLong(IReadOnlyList<string> columns) =>
        $"{Head} + {string.Join(" + ", columns.Select(column => $"coalesce(pg_column_size({column}) + CASE WHEN pg_column_size({column}) > {LongestInline} THEN {Length} ELSE 0 END, 0)"))} > {MostBytes}";

    /// <summary>What old code may still write cannot be prevented.</summary>
    public static IEnumerable<Hazard> Hazards(string index, IndexDefinition definition) =>
        definition.LongKeys.Count == 0 ? [] :
    [
        new Hazard("index-row-size",
            $"{Limit} From the moment {index} is built, a statement that gives {string.Join(", ", definition.LongKeys)} a longer value fails, old code's too. If such values may come, index a part or a hash of the value instead, or limit its length first."),
    ];

    /// <summary>
    /// An array, of the index that <c>i</c> is: keys and included columns of a B-tree without a bound to their length
    /// that is short enough.
    /// </summary>
    public const string LongKeys =
        """
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
}

using Npgsql;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Explaining;

/// <param name="Table">The table of its identity column, or 0.</param>
/// <param name="Column">That column.</param>
internal sealed record SequenceFacts(
    long Oid,
    long Table,
    string Column,
    long Increment,
    long Min,
    long Max,
    bool Cycles
)
{
    public static SequenceFacts Read(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetInt64(1),
            row.GetString(2),
            row.GetInt64(3),
            row.GetInt64(4),
            row.GetInt64(5),
            row.GetBoolean(6)
        );

    /// <param name="withColumns">With the columns: a copy's sequence has a name chosen by the server.</param>
    public static string Query(bool withColumns) =>
        $"""
            SELECT c.oid::bigint,
                {(withColumns ? "coalesce(d.refobjid::bigint, 0), coalesce(a.attname::text, '')" : "0::bigint, ''")},
                s.seqincrement, s.seqmin, s.seqmax, s.seqcycle
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid {(withColumns ? Numbered : "")}
            """;

    private const string Numbered = """
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i' AND d.refobjsubid > 0
        LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        """;
}

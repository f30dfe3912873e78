using Npgsql;

namespace Segue.PostgreSql.Explaining;

/// <summary>An index.</summary>
/// <param name="Key">The unique key.</param>
/// <param name="Columns">0 for an expression.</param>
internal sealed record IndexFacts(
    long Oid,
    long Relation,
    string Name,
    bool IsUnique,
    bool IsPrimary,
    bool IsOfConstraint,
    string Key,
    short[] Columns
)
{
    public static IndexFacts Read(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetInt64(1),
            row.GetString(2),
            row.GetBoolean(3),
            row.GetBoolean(4),
            row.GetBoolean(5),
            row.GetString(6),
            row.GetFieldValue<short[]>(7)
        );
}

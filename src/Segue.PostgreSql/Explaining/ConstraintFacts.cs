using Npgsql;

namespace Segue.PostgreSql.Explaining;

/// <summary>A constraint of a table or a domain.</summary>
/// <param name="Domain">Its oid, or 0.</param>
/// <param name="IsRoots">A partition inherits it from its root.</param>
internal sealed record ConstraintFacts(
    long Oid,
    long Relation,
    long Domain,
    string Name,
    char Kind,
    short[] Columns,
    bool IsRoots
)
{
    public static ConstraintFacts Read(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetInt64(1),
            row.GetInt64(2),
            row.GetString(3),
            row.GetChar(4),
            row.GetFieldValue<short[]>(5),
            row.GetBoolean(6)
        );
}

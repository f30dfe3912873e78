using Npgsql;

namespace Segue.PostgreSql.Explaining;

/// <summary>A relation as running code sees it.</summary>
internal sealed record RelationFacts(
    long Oid,
    char Kind,
    string Schema,
    string Name,
    string Owner,
    bool HasRowSecurity,
    bool IsForced,
    string Options,
    string Comment,
    string[] Rights,
    long[] Parents,
    string[] InsteadRules,
    string[] Policies,
    bool HasIdentity,
    string QueryVersion,
    string[] Rules
)
{
    public static RelationFacts Read(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetChar(1),
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            row.GetBoolean(5),
            row.GetBoolean(6),
            row.GetString(7),
            row.GetString(8),
            row.GetFieldValue<string[]>(9),
            row.GetFieldValue<long[]>(10),
            row.GetFieldValue<string[]>(11),
            row.GetFieldValue<string[]>(12),
            row.GetBoolean(13),
            row.GetString(14),
            row.GetFieldValue<string[]>(15)
        );

    public bool IsTemporary => Schema.StartsWith("pg_temp", StringComparison.Ordinal);

    public bool HoldsRows => Kind is 'r' or 'p';
}

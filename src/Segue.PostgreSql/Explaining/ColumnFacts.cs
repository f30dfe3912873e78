using Npgsql;

namespace Segue.PostgreSql.Explaining;

/// <summary>A column.</summary>
internal sealed record ColumnFacts(
    long Relation,
    int Number,
    string Name,
    string Type,
    uint TypeId,
    int Modifier,
    bool IsNotNull,
    string Default,
    string Identity,
    string Generated,
    string Storing,
    string Comment,
    string[] Rights
)
{
    public static ColumnFacts Read(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetInt16(1),
            row.GetString(2),
            row.GetString(3),
            row.GetFieldValue<uint>(4),
            row.GetInt32(5),
            row.GetBoolean(6),
            row.GetString(7),
            row.GetString(8),
            row.GetString(9),
            row.GetString(10),
            row.GetString(11),
            row.GetFieldValue<string[]>(12)
        );

    /// <summary>An insert that leaves it out still gives it a value.</summary>
    public bool FillsItself => Default.Length > 0 || Identity.Length > 0 || Generated.Length > 0;
}

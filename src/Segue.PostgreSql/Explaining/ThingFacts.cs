using Npgsql;

namespace Segue.PostgreSql.Explaining;

/// <summary>An object that is not a relation: a function, a type, a label of an enum, a schema.</summary>
/// <param name="Narrows">What it rejects: NOT NULL of a domain, a role that may not log in.</param>
internal sealed record ThingFacts(string Key, string Kind, string Schema, string Name, string Narrows, string[] Rights)
{
    public static ThingFacts Read(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            row.GetFieldValue<string[]>(5)
        );

    public string FullName => Schema.Length > 0 ? $"{Schema}.{Name}" : Name;
}

using Npgsql;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Names that code can use and rows that it may write, at one moment. Read without printing definitions, because a
/// statement may hold its locks meanwhile.
/// </summary>
internal sealed record CatalogFacts
{
    public required IReadOnlyDictionary<long, RelationFacts> Relations { get; init; }

    public required IReadOnlyDictionary<(long Relation, int Number), ColumnFacts> Columns { get; init; }

    public required IReadOnlyDictionary<long, ConstraintFacts> Constraints { get; init; }

    public required IReadOnlyDictionary<long, IndexFacts> Indexes { get; init; }

    /// <summary>
    /// Of copies; otherwise those of views and foreign tables, because triggers of tables are altered on copies.
    /// </summary>
    public required IReadOnlyDictionary<long, TriggerFacts> Triggers { get; init; }

    /// <summary>Tables whose updates or deletes a publication publishes.</summary>
    public IReadOnlySet<long> Published { get; init; } = new HashSet<long>();

    public required IReadOnlyDictionary<long, SequenceFacts> Sequences { get; init; }

    /// <summary>Positions of sequences, if requested.</summary>
    public IReadOnlyDictionary<long, SequencePosition> Positions { get; init; } =
        new Dictionary<long, SequencePosition>();

    /// <summary>Other objects that running code relies on, by key.</summary>
    public required IReadOnlyDictionary<string, Reliance> Reliances { get; init; }

    /// <summary>Functions, types, labels of enums, schemas and similar objects, by their class and oid.</summary>
    public required IReadOnlyDictionary<string, ThingFacts> Things { get; init; }

    /// <param name="ofCopies">Temporary objects of this session; otherwise of the database.</param>
    public static async Task<CatalogFacts> ReadAsync(
        NpgsqlConnection connection,
        bool ofCopies,
        CancellationToken cancel
    )
    {
        string within = ofCopies
            ? "c.relnamespace = pg_my_temp_schema()"
            : "c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^(pg_|segue_kept_)' AND "
                + "nspname NOT IN ('information_schema', 'segue'))";
        return new CatalogFacts
        {
            Relations = (
                await connection.QueryAsync(
                    $"{CatalogQueries.Relations} WHERE {within} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')",
                    RelationFacts.Read,
                    cancel
                )
            ).ToDictionary(each => each.Oid),
            Columns = (
                await connection.QueryAsync(
                    $"{CatalogQueries.Columns} WHERE {within} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')",
                    ColumnFacts.Read,
                    cancel
                )
            ).ToDictionary(each => (each.Relation, each.Number)),
            Constraints = (
                await connection.QueryAsync(
                    $"{CatalogQueries.Constraints} WHERE k.conrelid = 0 OR k.conrelid IN (SELECT c.oid "
                        + $"FROM pg_class c WHERE {within})",
                    ConstraintFacts.Read,
                    cancel
                )
            ).ToDictionary(each => each.Oid),
            Indexes = (
                await connection.QueryAsync($"{CatalogQueries.Indexes} WHERE {within}", IndexFacts.Read, cancel)
            ).ToDictionary(each => each.Oid),
            Triggers = (
                await connection.QueryAsync(
                    $"{CatalogQueries.Triggers} WHERE {within}{(ofCopies ? "" : " AND c.relkind IN ('v', 'f')")}",
                    TriggerFacts.Read,
                    cancel
                )
            ).ToDictionary(each => each.Oid),
            Sequences = (
                await connection.QueryAsync(
                    $"{SequenceFacts.Query(ofCopies)} WHERE {within}",
                    SequenceFacts.Read,
                    cancel
                )
            ).ToDictionary(each => each.Oid),
            Reliances = ofCopies
                ? new Dictionary<string, Reliance>()
                : (
                    await connection.QueryAsync(Reliance.Query(connection.PostgreSqlVersion), Reliance.Read, cancel)
                ).ToDictionary(each => each.Key),
            Published = ofCopies ? new HashSet<long>() : await Publications.TablesAsync(connection, cancel),
            Things = ofCopies
                ? new Dictionary<string, ThingFacts>()
                : (await connection.QueryAsync(CatalogQueries.Things, ThingFacts.Read, cancel)).ToDictionary(each =>
                    each.Key
                ),
        };
    }
}

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

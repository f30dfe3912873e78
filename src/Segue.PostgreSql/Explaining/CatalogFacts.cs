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
    public IReadOnlyDictionary<string, Reliance> Reliances { get; init; } = new Dictionary<string, Reliance>();

    /// <summary>Functions, types, labels of enums, schemas and similar objects, by their class and oid.</summary>
    public IReadOnlyDictionary<string, ThingFacts> Things { get; init; } = new Dictionary<string, ThingFacts>();

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
        Task<IReadOnlyList<T>> AllAsync<T>(string query, Func<NpgsqlDataReader, T> read) =>
            connection.QueryAsync(query, read, cancel);

        IReadOnlyList<RelationFacts> relations = await AllAsync(
            $"{CatalogQueries.Relations} WHERE {within} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')",
            RelationFacts.Read
        );
        IReadOnlyList<ColumnFacts> columns = await AllAsync(
            $"{CatalogQueries.Columns} WHERE {within} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')",
            ColumnFacts.Read
        );
        IReadOnlyList<ConstraintFacts> constraints = await AllAsync(
            $"{CatalogQueries.Constraints} WHERE k.conrelid = 0 OR k.conrelid IN (SELECT c.oid FROM pg_class c "
                + $"WHERE {within})",
            ConstraintFacts.Read
        );
        IReadOnlyList<IndexFacts> indexes = await AllAsync($"{CatalogQueries.Indexes} WHERE {within}", IndexFacts.Read);
        IReadOnlyList<TriggerFacts> triggers = await AllAsync(
            $"{CatalogQueries.Triggers} WHERE {within}{(ofCopies ? "" : " AND c.relkind IN ('v', 'f')")}",
            TriggerFacts.Read
        );
        IReadOnlyList<SequenceFacts> sequences = await AllAsync(
            $"{SequenceFacts.Query(ofCopies)} WHERE {within}",
            SequenceFacts.Read
        );
        CatalogFacts facts = new()
        {
            Relations = relations.ToDictionary(each => each.Oid),
            Columns = columns.ToDictionary(each => (each.Relation, each.Number)),
            Constraints = constraints.ToDictionary(each => each.Oid),
            Indexes = indexes.ToDictionary(each => each.Oid),
            Triggers = triggers.ToDictionary(each => each.Oid),
            Sequences = sequences.ToDictionary(each => each.Oid),
        };
        return ofCopies ? facts : await WithOthersAsync(connection, facts, cancel);
    }

    /// <summary>Adds what no copy has.</summary>
    private static async Task<CatalogFacts> WithOthersAsync(
        NpgsqlConnection connection,
        CatalogFacts facts,
        CancellationToken cancel
    )
    {
        IReadOnlyList<Reliance> reliances = await connection.QueryAsync(
            RelianceQuery.Of(connection.PostgreSqlVersion),
            Reliance.Read,
            cancel
        );
        IReadOnlySet<long> published = await Publications.TablesAsync(connection, cancel);
        IReadOnlyList<ThingFacts> things = await connection.QueryAsync(CatalogQueries.Things, ThingFacts.Read, cancel);
        return facts with
        {
            Reliances = reliances.ToDictionary(each => each.Key),
            Published = published,
            Things = things.ToDictionary(each => each.Key),
        };
    }
}

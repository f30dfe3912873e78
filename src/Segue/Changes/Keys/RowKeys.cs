using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of the kinds for rows.</summary>
internal static class RowKeys
{
    private static readonly Key<BackfillRows, TableName> Filled = TableOf<BackfillRows>();

    private static readonly Key<BackfillRows, IReadOnlyDictionary<string, string>> Set = new(
        "set",
        OptionsValue.Assignments,
        fill => fill.Set,
        "New values of the columns: SQL expressions over the row. A second assignment must change nothing."
    )
    {
        Required = true,
        Examples = ["{ region: upper(region) }"],
        KnownElsewhereAs = ["assign", "values"],
    };

    private static readonly Key<BackfillRows, string> FilledWhere = new(
        "where",
        TextValue.Sql,
        fill => fill.Where,
        "Which rows: a boolean SQL expression over the row. Default: those that the assignments would change."
    )
    {
        Examples = ["region IS NOT NULL"],
        KnownElsewhereAs = ["condition", "filter"],
    };

    private static readonly Key<PruneRows, TableName> Pruned = TableOf<PruneRows>();

    private static readonly Key<PruneRows, string> PrunedWhere = new(
        "where",
        TextValue.Sql,
        prune => prune.Where,
        "Which rows are deleted: a boolean SQL expression over the row."
    )
    {
        Required = true,
        Examples = ["created_at < now() - interval '2 years'"],
        KnownElsewhereAs = ["condition", "filter"],
    };

    private static readonly Key<PruneRows, TableName> Archive = new(
        "archive",
        TableNameValue.Instance,
        prune => prune.Archive,
        "A table with the same columns, which gets the rows in the transaction that deletes them. Default: none."
    )
    {
        Examples = ["old_orders"],
        KnownElsewhereAs = ["archive_table"],
    };

    public static MapShape<BackfillRows> Backfill { get; } =
        new(
            "backfill",
            "Updates rows of a table, in small batches.",
            [Filled, Set, FilledWhere],
            fields => new BackfillRows
            {
                Table = fields.Get(Filled),
                Set = fields.Get(Set),
                Where = fields.Get(FilledWhere),
            }
        )
        {
            Judge = (fill, fields) =>
            {
                if (fill.Set.Count == 0)
                {
                    fields.Refuse(Set, "'set' is empty", "Assign an expression to a column.");
                }
            },
        };

    public static MapShape<PruneRows> Prune { get; } =
        new(
            "prune",
            "Deletes rows of a table, in small batches, once completing the change confirms that no code needs them.",
            [Pruned, PrunedWhere, Archive],
            fields => new PruneRows
            {
                Table = fields.Get(Pruned),
                Where = fields.Get(PrunedWhere),
                Archive = fields.Get(Archive),
            }
        );

    private static Key<T, TableName> TableOf<T>()
        where T : TableOperation =>
        new("table", TableNameValue.Instance, operation => operation.Table, "The table; it may be partitioned.")
        {
            Required = true,
            Examples = ["orders"],
        };
}

using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of the kinds that are about rows.</summary>
internal static class RowKeys
{
    private static readonly Key<BackfillRows, TableName> Filled = TableOf<BackfillRows>();

    private static readonly Key<BackfillRows, IReadOnlyDictionary<string, string>> Set = new(
        "set",
        OptionsValue.Assignments,
        fill => fill.Set,
        "What the columns become: SQL expressions over the row. Assigning them twice must change nothing more."
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
        "A boolean SQL expression over the row: which rows. Default: those that the assignments would change."
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
        "A boolean SQL expression over the row: which rows go."
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
        "A table with the same columns, which gets the rows in the very transaction that deletes them. Default: none."
    )
    {
        Examples = ["old_orders"],
        KnownElsewhereAs = ["archive_table"],
    };

    public static MapShape<BackfillRows> Backfill { get; } =
        new(
            "backfill",
            "Rows of a table get other values, in small batches.",
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
            "Rows of a table go, in small batches, once the change is completed, which confirms that nobody needs them.",
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
        new("table", TableNameValue.Instance, operation => operation.Table, "The table, partitioned ones included.")
        {
            Required = true,
            Examples = ["orders"],
        };
}

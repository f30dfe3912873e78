using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of the kinds for existing indexes.</summary>
internal static class IndexKeys
{
    private const string IndexMeaning =
        "The index, with its schema if that is not on the search path. Names are exact.";

    private static readonly Key<DropIndex, TableName> Dropped = new(
        "index",
        TableNameValue.OfIndex,
        drop => drop.Index,
        IndexMeaning
    )
    {
        Required = true,
        Examples = ["orders_region_idx"],
        KnownElsewhereAs = ["name"],
    };

    private static readonly Key<RenameIndex, TableName> Renamed = new(
        "index",
        TableNameValue.OfIndex,
        rename => rename.Index,
        IndexMeaning
    )
    {
        Required = true,
        Examples = ["orders_region_idx"],
        KnownElsewhereAs = ["name", "from"],
    };

    private static readonly Key<RenameIndex, string> To = new(
        "to",
        NameValue.Instance,
        rename => rename.To,
        "The new name, exact; the schema stays."
    )
    {
        Required = true,
        Examples = ["orders_by_region"],
        KnownElsewhereAs = ["new_name"],
    };

    private static readonly Key<Reindex, TableName> Rebuilt = new(
        "index",
        TableNameValue.OfIndex,
        reindex => reindex.Index,
        IndexMeaning
    )
    {
        Examples = ["orders_region_idx"],
        KnownElsewhereAs = ["name"],
    };

    private static readonly Key<Reindex, TableName> OfTable = new(
        "table",
        TableNameValue.Instance,
        reindex => reindex.Table,
        "The table whose indexes are all rebuilt, one after the other."
    )
    {
        Examples = ["orders"],
    };

    private static readonly Key<ReplaceIndex, TableName> Replaced = new(
        "index",
        TableNameValue.OfIndex,
        replace => replace.Index,
        IndexMeaning
    )
    {
        Required = true,
        Examples = ["orders_region_idx"],
        KnownElsewhereAs = ["name"],
    };

    private static readonly Key<ReplaceIndex, CreateIndex> By = new(
        "by",
        new MapValue<CreateIndex>(CreateIndexKeys.Replacement),
        replace => replace.By,
        "The index that replaces it, with the keys of create_index. Without a name it finally gets the "
            + "name of the old index."
    )
    {
        Required = true,
        Examples = ["{ columns: [region, created_at] }"],
        KnownElsewhereAs = ["with", "new"],
    };

    private static readonly Key<ReplaceIndex, bool> UntilUsed = new(
        "until_used",
        FlagValue.Instance,
        replace => replace.UntilUsed,
        "true: keeps the old index until the server has used the new one at least once."
    );

    public static MapShape<Reindex> Reindex { get; } =
        new(
            "reindex",
            "Rebuilds an index, or all indexes of a table, while apps read and write.",
            [Rebuilt, OfTable],
            fields => new Reindex { Index = fields.Get(Rebuilt), Table = fields.Get(OfTable) }
        )
        {
            Typical = [Rebuilt],
            Exclusions = [new(Rebuilt, OfTable, "Keep one of them.")],
            Judge = (reindex, fields) =>
            {
                if (reindex.Index is null && reindex.Table is null)
                {
                    fields.Refuse(Rebuilt, "neither 'index' nor 'table' is given", "Say which index, or which table.");
                }
            },
        };

    public static MapShape<ReplaceIndex> Replace { get; } =
        new(
            "replace_index",
            "Replaces an index. The old one stays until the new one is built.",
            [Replaced, By, UntilUsed],
            fields => new ReplaceIndex
            {
                Index = fields.Get(Replaced),
                By = fields.Get(By),
                UntilUsed = fields.Get(UntilUsed),
            }
        );

    public static MapShape<DropIndex> Drop { get; } =
        new(
            "drop_index",
            "Drops an index, once completing the change confirms that no code needs it.",
            [Dropped],
            fields => new DropIndex { Index = fields.Get(Dropped) }
        );

    public static MapShape<RenameIndex> Rename { get; } =
        new(
            "rename_index",
            "Renames an index.",
            [Renamed, To],
            fields => new RenameIndex { Index = fields.Get(Renamed), To = fields.Get(To) }
        );
}

using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of the kinds for whole tables.</summary>
internal static class TableKeys
{
    private static readonly Key<RenameTable, TableName> Renamed = SharedKeys.Table<RenameTable>(
        rename => rename.Table,
        "from",
        "name"
    );

    private static readonly Key<RenameTable, string> To = new(
        "to",
        NameValue.Instance,
        rename => rename.To,
        "The new name, exact; the schema stays."
    )
    {
        Required = true,
        Examples = ["purchases"],
        KnownElsewhereAs = ["new_name"],
    };

    private static readonly Key<DropTable, TableName> Dropped = SharedKeys.Table<DropTable>(drop => drop.Table, "name");

    private static readonly Key<DropTable, TimeSpan> Keep = new(
        "keep",
        new DurationValue(TimeSpan.Zero, TimeSpan.FromDays(3650)),
        drop => drop.Keep,
        "How long the table is kept after the change is completed. Until then a rollback restores it; "
            + "afterwards a purge may drop it permanently."
    )
    {
        Default = DropTable.DefaultKeep,
        Examples = ["30d"],
        KnownElsewhereAs = ["retention", "keep_for"],
    };

    public static MapShape<DropTable> Drop { get; } =
        new(
            "drop_table",
            "Drops a table, once completing the change confirms that no code uses it. It is set aside "
                + "for a while and can be restored.",
            [Dropped, Keep],
            fields => new DropTable { Table = fields.Get(Dropped), Keep = fields.Get(Keep) }
        );

    public static MapShape<RenameTable> Rename { get; } =
        new(
            "rename_table",
            "Renames a table. The old name is a view until the change is completed, when no running "
                + "version of the app uses it any more.",
            [Renamed, To],
            fields => new RenameTable { Table = fields.Get(Renamed), To = fields.Get(To) }
        );
}

using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of kinds that are about a table as a whole.</summary>
internal static class TableKeys
{
    private static readonly Key<RenameTable, TableName> Renamed = new(
        "table",
        TableNameValue.Instance,
        rename => rename.Table,
        "The table."
    )
    {
        Required = true,
        Examples = ["orders"],
        KnownElsewhereAs = ["from", "name"],
    };

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

    private static readonly Key<DropTable, TableName> Dropped = new(
        "table",
        TableNameValue.Instance,
        drop => drop.Table,
        "The table."
    )
    {
        Required = true,
        Examples = ["orders"],
        KnownElsewhereAs = ["name"],
    };

    private static readonly Key<DropTable, TimeSpan> Keep = new(
        "keep",
        new DurationValue(TimeSpan.Zero, TimeSpan.FromDays(3650)),
        drop => drop.Keep,
        "How long it is kept aside after the change is completed: until then a rollback brings it back. "
            + "Then a purge may drop it for good."
    )
    {
        Default = DropTable.DefaultKeep,
        Examples = ["30d"],
        KnownElsewhereAs = ["retention", "keep_for"],
    };

    public static MapShape<DropTable> Drop { get; } =
        new(
            "drop_table",
            "A table goes, once the change is completed, which confirms that nobody uses it. It is kept aside for a while "
                + "and can be brought back.",
            [Dropped, Keep],
            fields => new DropTable { Table = fields.Get(Dropped), Keep = fields.Get(Keep) }
        );

    public static MapShape<RenameTable> Rename { get; } =
        new(
            "rename_table",
            "A table gets another name. The old one stands for a view until the change is completed says that no "
                + "running version of the app uses it.",
            [Renamed, To],
            fields => new RenameTable { Table = fields.Get(Renamed), To = fields.Get(To) }
        );
}

using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>drop_column</c>.</summary>
internal static class DropColumnKeys
{
    private static readonly Key<DropColumn, TableName> Table = SharedKeys.Table<DropColumn>(drop => drop.Table, "from");

    private static readonly Key<DropColumn, string> Name = new(
        "name",
        NameValue.Instance,
        drop => drop.Name,
        "The column's exact name, without SQL quotes."
    )
    {
        Required = true,
        Examples = ["region"],
        KnownElsewhereAs = ["column"],
    };

    private static readonly Key<DropColumn, string> Default = new(
        "default",
        TextValue.Sql,
        drop => drop.Default,
        "A constant for rows of new code, which does not know the column. For a column that allows no "
            + "NULL and has no default of its own."
    )
    {
        Examples = ["'none'"],
    };

    private static readonly Key<DropColumn, string> Down = new(
        "down",
        TextValue.Sql,
        drop => drop.Down,
        "An SQL expression over the new row, for rows of new code until the change is completed. For a "
            + "column that allows no NULL and has no default of its own."
    )
    {
        Examples = ["coalesce(region, 'none')"],
    };

    private static readonly Key<DropColumn, TimeSpan> Keep = new(
        "keep",
        new DurationValue(TimeSpan.Zero, TimeSpan.FromDays(3650)),
        drop => drop.Keep,
        "How long the column is kept, under another name, after the change is completed. Until then a "
            + "rollback restores it; afterwards a purge may drop it permanently. 0d drops it at once."
    )
    {
        Default = DropTable.DefaultKeep,
        Examples = ["30d"],
        KnownElsewhereAs = ["retention", "keep_for"],
    };

    public static MapShape<DropColumn> Shape { get; } =
        new(
            "drop_column",
            "Drops a column, once completing the change confirms that no code uses it. It is set aside for "
                + "a while and can be restored with its values.",
            [Table, Name, Default, Down, Keep],
            fields => new DropColumn
            {
                Table = fields.Get(Table),
                Name = fields.Get(Name),
                Default = fields.Get(Default),
                Down = fields.Get(Down),
                Keep = fields.Get(Keep),
            }
        )
        {
            Exclusions = [new(Default, Down, "Keep one of them.")],
        };
}

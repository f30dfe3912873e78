using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>rename_column</c>.</summary>
internal static class RenameColumnKeys
{
    private static readonly Key<RenameColumn, TableName> Table = SharedKeys.Table<RenameColumn>(
        rename => rename.Table,
        "on"
    );

    private static readonly Key<RenameColumn, string> Name = new(
        "name",
        NameValue.Instance,
        rename => rename.Name,
        "The column's exact name, without SQL quotes."
    )
    {
        Required = true,
        Examples = ["email"],
        KnownElsewhereAs = ["column", "from", "old_name"],
    };

    private static readonly Key<RenameColumn, string> To = new(
        "to",
        NameValue.Instance,
        rename => rename.To,
        "The new name, exact."
    )
    {
        Required = true,
        Examples = ["mail_address"],
        KnownElsewhereAs = ["new_name"],
    };

    public static MapShape<RenameColumn> Shape { get; } =
        new(
            "rename_column",
            "Renames a column. Until the change is completed the column has both names: old and new code "
                + "use their own, and each finds what the other writes.",
            [Table, Name, To],
            fields => new RenameColumn
            {
                Table = fields.Get(Table),
                Name = fields.Get(Name),
                To = fields.Get(To),
            }
        );
}

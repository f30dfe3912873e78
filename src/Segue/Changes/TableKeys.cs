using Segue.Changes.Yaml;

namespace Segue.Changes;

/// <summary>The keys of kinds that are about a table as a whole.</summary>
internal static class TableKeys
{
    private static readonly Key<RenameTable, TableName> Renamed = new(
        "table", TableNameValue.Instance, rename => rename.Table, "The table.") { Required = true, Examples = ["orders"], KnownElsewhereAs = ["from", "name"] };

    private static readonly Key<RenameTable, string> To = new(
        "to", NameValue.Instance, rename => rename.To, "The new name, exact; the schema stays.") { Required = true, Examples = ["purchases"], KnownElsewhereAs = ["new_name"] };

    public static MapShape<RenameTable> Rename { get; } = new(
        "rename_table",
        "A table gets another name. The old one stands for a view until `segue complete` says that no running version of the app uses it.",
        [Renamed, To],
        fields => new RenameTable { Table = fields.Get(Renamed), To = fields.Get(To) });
}

using Segue.Changes.Yaml;

namespace Segue.Changes;

/// <summary>The keys of kinds that are about an index that exists.</summary>
internal static class IndexKeys
{
    private const string IndexMeaning = "The index, with its schema where that is not on the search path. Names are exact.";

    private static readonly Key<DropIndex, TableName> Dropped = new(
        "index", TableNameValue.OfIndex, drop => drop.Index, IndexMeaning) { Required = true, Examples = ["orders_region_idx"], KnownElsewhereAs = ["name"] };

    private static readonly Key<RenameIndex, TableName> Renamed = new(
        "index", TableNameValue.OfIndex, rename => rename.Index, IndexMeaning) { Required = true, Examples = ["orders_region_idx"], KnownElsewhereAs = ["name", "from"] };

    private static readonly Key<RenameIndex, string> To = new(
        "to", NameValue.Instance, rename => rename.To, "The new name, exact; the schema stays.") { Required = true, Examples = ["orders_by_region"], KnownElsewhereAs = ["new_name"] };

    public static MapShape<DropIndex> Drop { get; } = new(
        "drop_index", "An index goes, once `segue complete` says that nobody needs it.", [Dropped], fields => new DropIndex { Index = fields.Get(Dropped) });

    public static MapShape<RenameIndex> Rename { get; } = new(
        "rename_index", "An index gets another name.", [Renamed, To], fields => new RenameIndex { Index = fields.Get(Renamed), To = fields.Get(To) });
}

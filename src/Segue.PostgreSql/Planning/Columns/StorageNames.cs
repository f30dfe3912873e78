using Segue.Changes;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Storage and compression of a column, as the catalog and as statements write them.</summary>
internal static class StorageNames
{
    public static readonly IReadOnlyDictionary<char, ColumnStorage> Storages = new Dictionary<char, ColumnStorage>
    {
        ['p'] = ColumnStorage.Plain,
        ['e'] = ColumnStorage.External,
        ['x'] = ColumnStorage.Extended,
        ['m'] = ColumnStorage.Main,
    };

    public static readonly IReadOnlyDictionary<string, ColumnCompression> Compressions = new Dictionary<
        string,
        ColumnCompression
    >
    {
        [""] = ColumnCompression.Default,
        ["p"] = ColumnCompression.Pglz,
        ["l"] = ColumnCompression.Lz4,
    };

    public static string Word(ColumnStorage storage) => storage.ToString().ToUpperInvariant();

    public static string Word(ColumnCompression compression) => compression.ToString().ToLowerInvariant();
}

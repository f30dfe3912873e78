using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>Keys that mean the same in several kinds.</summary>
internal static class SharedKeys
{
    public static Key<T, TableName> Table<T>(Func<T, TableName> get, params IReadOnlyList<string> knownElsewhereAs) =>
        new("table", TableNameValue.Instance, get, "The table.")
        {
            Required = true,
            Examples = ["orders"],
            KnownElsewhereAs = knownElsewhereAs,
        };

    public static Key<T, IReadOnlyList<string>> Include<T>(Func<T, IReadOnlyList<string>> get) =>
        new(
            "include",
            new ListValue<string>(NameValue.Instance),
            get,
            "Additional columns that the index stores, for index-only scans."
        )
        {
            Default = [],
            Examples = ["[total]"],
            Needs = ServerFeature.IncludedColumns,
        };

    public static Key<T, IReadOnlyDictionary<string, string>> With<T>(
        Func<T, IReadOnlyDictionary<string, string>> get,
        params IReadOnlyList<string> knownElsewhereAs
    ) =>
        new("with", OptionsValue.Instance, get, "Storage parameters.")
        {
            Default = OptionsValue.None,
            Examples = ["{ fillfactor: 90 }"],
            KnownElsewhereAs = knownElsewhereAs,
            Needs = ServerFeature.StorageParameters,
        };

    public static Key<T, string> Tablespace<T>(Func<T, string?> get) =>
        new("tablespace", NameValue.Instance, get, "The tablespace. Default: the server's.")
        {
            Examples = ["fast"],
            Needs = ServerFeature.Tablespaces,
        };
}

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// The settings that any session may change and that affect the meaning or the value of an expression. The server marks
/// some functions as immutable that depend on them. A test compares this list with all settings of each server.
/// </summary>
internal static class ValueSettings
{
    /// <summary>How the text of a statement is read.</summary>
    public static IReadOnlyList<string> Reading { get; } =
    ["standard_conforming_strings", "backslash_quote", "transform_null_equals"];

    /// <summary>Loads a file each time it is set (measured: 125 us), so it is compared first.</summary>
    public const string Abbreviations = "timezone_abbreviations";

    /// <summary>
    /// Those that cost less than 2 us each to set for one call of a function (measured on 14 and 18).
    /// </summary>
    public static IReadOnlyList<string> Cheap { get; } =
    [
        .. Reading,
        "TimeZone",
        "DateStyle",
        "IntervalStyle",
        "extra_float_digits",
        "bytea_output",
        "xmlbinary",
        "xmloption",
        "array_nulls",
        "quote_all_identifiers",
        "lc_monetary",
        "lc_numeric",
        "lc_time",
        "default_text_search_config",
        "gin_fuzzy_search_limit",
    ];

    public static IReadOnlyList<string> All { get; } = [.. Cheap, Abbreviations];

    /// <summary>The author of a change file writes standard strings, whatever the role's setting is.</summary>
    public static Dictionary<string, string> AsPlanned(IEnumerable<string> values) =>
        new(All.Zip(values, KeyValuePair.Create)) { ["standard_conforming_strings"] = "on" };
}

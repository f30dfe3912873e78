using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Prints definitions the same for every role and session: the settings that printing depends on get fixed values. With
/// an empty search path every name is printed with its schema.
/// </summary>
internal static class Printing
{
    private const string Settings =
        "set_config('search_path', '', true), set_config('quote_all_identifiers', 'off', true), "
        + "set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), "
        + "set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true), "
        + "set_config('bytea_output', 'hex', true), "
        + "set_config('xmlbinary', 'base64', true), set_config('lc_monetary', 'C', true)";

    private const string Mark = "/* printed */";

    /// <summary>
    /// An expression that prints a definition, within a statement of ours that looks names up as well. The settings
    /// hold until its transaction ends.
    /// </summary>
    public static string Of(string expression) => $"CASE WHEN concat({Settings}) IS NOT NULL THEN {expression} END";

    /// <summary>
    /// The same in a query of a plan, which people read: the mark has <see cref="Asked"/> set the settings. Such a
    /// query names everything with its schema.
    /// </summary>
    public static string InPlan(string expression) => $"{Mark} {expression}";

    /// <summary>A plan's query for one value, as it is sent to the server.</summary>
    public static string Asked(string query) =>
        query.Contains(Mark, StringComparison.Ordinal) ? $"SELECT {Of(Sql.Parenthesised(query))}" : query;

    /// <summary>For everything that the transaction prints from now on.</summary>
    public static Task BeginAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync($"SELECT {Settings}", cancel);
}

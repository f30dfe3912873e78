using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Prints definitions the same for every role and session: the settings that printing depends on get fixed values. With
/// an empty search path every name is printed with its schema.
/// </summary>
internal static class Printing
{
    private static readonly (string Name, string Value)[] Settings =
    [
        ("search_path", ""),
        ("quote_all_identifiers", "off"),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
        ("IntervalStyle", "postgres"),
        ("extra_float_digits", "1"),
        ("bytea_output", "hex"),
        ("xmlbinary", "base64"),
        ("lc_monetary", "C"),
    ];

    private const string Mark = "/* printed */";

    private static readonly string SetAll = string.Join(
        ", ",
        Settings.Select(setting => $"set_config({Sql.Literal(setting.Name)}, {Sql.Literal(setting.Value)}, true)")
    );

    /// <summary>
    /// An expression that prints a definition, within a statement of ours that looks names up as well. The settings
    /// hold until its transaction ends.
    /// </summary>
    public static string Of(string expression) => $"CASE WHEN concat({SetAll}) IS NOT NULL THEN {expression} END";

    /// <summary>
    /// The same in a query of a plan, which people read: the mark has <see cref="AddQuestion"/> set the settings. Such
    /// a query names everything with its schema.
    /// </summary>
    public static string InPlan(string expression) => $"{Mark} {expression}";

    /// <summary>A query of a plan, in an open transaction.</summary>
    public static void AddQuestion(this NpgsqlBatch batch, string query)
    {
        // SET and not set_config: it returns no rows, so that the query's are the first.
        foreach ((string name, string value) in query.Contains(Mark, StringComparison.Ordinal) ? Settings : [])
        {
            batch.Add($"SET LOCAL {name} = {Sql.Literal(value)}");
        }

        batch.Add(query);
    }

    /// <summary>For everything that the transaction prints from now on.</summary>
    public static Task BeginAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync($"SELECT {SetAll}", cancel);
}

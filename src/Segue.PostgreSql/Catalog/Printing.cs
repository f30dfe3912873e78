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

    /// <summary>
    /// An expression that prints a definition, within a statement. The settings hold until its transaction ends.
    /// </summary>
    public static string Of(string expression) => $"CASE WHEN concat({Settings}) IS NOT NULL THEN {expression} END";

    /// <summary>Runs a question that prints, within a transaction whose settings stay unchanged.</summary>
    public static async Task<T> AsideAsync<T>(NpgsqlConnection connection, Func<Task<T>> ask, CancellationToken cancel)
    {
        await connection.ExecuteAsync("SAVEPOINT printing", cancel);
        T answer = await ask();
        await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT printing", cancel);
        await connection.ExecuteAsync("RELEASE SAVEPOINT printing", cancel);
        return answer;
    }

    /// <summary>For everything that the transaction prints from now on.</summary>
    public static Task BeginAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync($"SELECT {Settings}", cancel);
}

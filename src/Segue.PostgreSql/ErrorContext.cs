using System.Text.RegularExpressions;
using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning;

namespace Segue.PostgreSql;

/// <summary>
/// Where an error comes from, as the server's CONTEXT has it: a function of the user's, the statement in it, and the
/// triggers that run it; or the row that it is about.
/// </summary>
internal static partial class ErrorContext
{
    private const string Key = "segue.triggers";
    private const string RowKey = "segue.row";
    private const int ListedAtMost = 3;

    /// <summary>
    /// Notes on the error which triggers run the function it comes from and which of the function's statements it was,
    /// or which row it is about.
    /// </summary>
    public static async Task AddAsync(Database database, PostgresException error, CancellationToken cancel)
    {
        try
        {
            await FindTriggersAsync(database, error, cancel);
            await FindRowAsync(database, error, cancel);
        }
        catch (NpgsqlException)
        {
            // What the server said before counts, named or not.
        }
    }

    private static async Task FindTriggersAsync(Database database, PostgresException error, CancellationToken cancel)
    {
        if (Function(error) is not { } function || !function.Name.EndsWith("()", StringComparison.Ordinal))
        {
            return;
        }

        IReadOnlyList<(string Trigger, string Source)> found = await database.QueryAsync(
            TriggersQuery, row => (row.GetString(0), row.GetString(1)), cancel, function.Name);
        if (found.Count > 0)
        {
            string triggers = string.Join(" or ", found.Select(each => each.Trigger).Distinct().Take(ListedAtMost));
            // A statement that is put together may hold values; one that stands in the function does not.
            string? statement = Quoted().Matches(error.Where!).Select(match => match.Groups["text"].Value)
                .FirstOrDefault(text => text.Length > 0 && found.Any(each => each.Source.Contains(text, StringComparison.Ordinal)));
            string at = statement is null ? "" : $", at `{statement.ReplaceLineEndings(" ")}`";
            error.Data[Key] = $"trigger {triggers}, {function.Words}{at}";
        }
    }

    /// <summary>The server names a row that an index cannot hold by its place, which tells nobody anything.</summary>
    private static async Task FindRowAsync(Database database, PostgresException error, CancellationToken cancel)
    {
        if (error is not { SchemaName: { } schema, TableName: { } name } || PlaceOf(error) is not { } place)
        {
            return;
        }

        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        Changes.TableName relation = new(schema, name);
        if (await CatalogReader.FindAsync(connection, relation, cancel) is { PrimaryKey.Count: > 0 } table)
        {
            error.Data[RowKey] = await connection.ScalarAsync<string>(
                $"SELECT {RowKeys.Of(table)} FROM {table.Sql} WHERE ctid = $1::tid", cancel, place);
        }
    }

    /// <summary>Where the row is that an index cannot hold; null for other errors.</summary>
    public static string? PlaceOf(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.ProgramLimitExceeded && Place().Match(error.Detail ?? "") is { Success: true } place
            ? place.Value
            : null;

    /// <summary>
    /// Sentences with a blank before each; empty where neither a function of the user's nor a row is named.
    /// </summary>
    public static string Sentences(PostgresException error) =>
        Origin(error) + (error.Data[RowKey] is string row ? $" It is about the row {row}." : "");

    private static string Origin(PostgresException error) =>
        error.Data[Key] is string noted ? $" It comes from {noted}."
        : Function(error) is { } function ? $" It comes from {function.Words}."
        : "";

    /// <summary>The innermost one; lines of CONTEXT are in the server's language, names and numbers are not.</summary>
    private static (string Name, string Words)? Function(PostgresException error) =>
        Functions().Matches(error.Where ?? "")
            .Select(match => (Name: match.Groups["name"].Value, Line: match.Groups["line"].Value))
            .Where(each => !each.Name.StartsWith("segue.", StringComparison.Ordinal))
            .Select(each => ((string, string)?)(each.Name, $"function {each.Name}, line {each.Line}")).FirstOrDefault();

    [GeneratedRegex("""^[^"\n]*?PL/pgSQL\S*\s[^"\n(]*?(?<name>(?:"[^"\n]+"|[\w$]+)(?:\.(?:"[^"\n]+"|[\w$]+))?\([^)\n]*\))[^\d\n]*(?<line>\d+)""", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Functions();

    [GeneratedRegex("\"(?<text>[^\"]*)\"", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\(\d+,\d+\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    private const string TriggersQuery =
        """
        SELECT format('%I of %s', t.tgname, t.tgrelid::regclass), p.prosrc
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE NOT t.tgisinternal AND t.tgparentid = 0
          AND $1 IN (format('%I()', p.proname), format('%I.%I()', n.nspname, p.proname)) ORDER BY 1
        """;
}

using System.Text.RegularExpressions;
using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

/// <summary>
/// Finds what an error's CONTEXT leaves out: the triggers that call its function, and the key of its row.
/// </summary>
internal static partial class ErrorOrigin
{
    private const int ListedAtMost = 3;

    /// <summary>
    /// Adds to the error the triggers that call its function, and the statement of that function; or the row it
    /// concerns.
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
            // The first message of the server counts, named or not.
        }
    }

    private static async Task FindTriggersAsync(Database database, PostgresException error, CancellationToken cancel)
    {
        if (ErrorContext.Function(error) is not { } function || !function.Name.EndsWith("()", StringComparison.Ordinal))
        {
            return;
        }

        IReadOnlyList<(string Trigger, string Source)> found = await database.QueryAsync(
            TriggersQuery,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            function.Name
        );
        if (found.Count > 0)
        {
            string triggers = string.Join(" or ", found.Select(each => each.Trigger).Distinct().Take(ListedAtMost));
            // A dynamic statement may contain values; a static statement of the function does not.
            string? statement = Quoted()
                .Matches(error.Where!)
                .Select(match => match.Groups["text"].Value)
                .FirstOrDefault(text =>
                    text.Length > 0 && found.Any(each => each.Source.Contains(text, StringComparison.Ordinal))
                );
            string at = statement is null ? "" : $", at `{statement.ReplaceLineEndings(" ")}`";
            ErrorContext.NoteOrigin(error, $"trigger {triggers}, {function.Words}{at}");
        }
    }

    /// <summary>The server names a row that an index cannot hold by its physical address, which helps nobody.</summary>
    private static async Task FindRowAsync(Database database, PostgresException error, CancellationToken cancel)
    {
        if (
            error is not { SchemaName: { } schema, TableName: { } name }
            || ErrorContext.PlaceOf(error) is not { } place
        )
        {
            return;
        }

        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        Changes.TableName relation = new(schema, name);
        if (await CatalogReader.FindAsync(connection, relation, cancel) is { PrimaryKey.Count: > 0 } table)
        {
            ErrorContext.NoteRow(
                error,
                await connection.ScalarAsync<string>(
                    $"SELECT {RowKeys.Of(table)} FROM {table.Sql} WHERE ctid = $1::tid",
                    cancel,
                    place
                )
            );
        }
    }

    [GeneratedRegex("\"(?<text>[^\"]*)\"", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    private const string TriggersQuery = """
        SELECT format('%I of %s', t.tgname, t.tgrelid::regclass), p.prosrc
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE NOT t.tgisinternal AND t.tgparentid = 0
          AND $1 IN (format('%I()', p.proname), format('%I.%I()', n.nspname, p.proname)) ORDER BY 1
        """;
}

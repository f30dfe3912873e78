using System.Text.RegularExpressions;
using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// The origin of an error, from the server's CONTEXT: a user's function, the statement in it, and the triggers that
/// call it; or the row that it concerns.
/// </summary>
internal static partial class ErrorContext
{
    private const string Key = "segue.triggers";
    private const string RowKey = "segue.row";

    public static void NoteOrigin(PostgresException error, string origin) => error.Data[Key] = origin;

    public static void NoteRow(PostgresException error, string? row) => error.Data[RowKey] = row;

    /// <summary>The address of the row that an index cannot hold; null for other errors.</summary>
    public static string? PlaceOf(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.ProgramLimitExceeded
        && Place().Match(error.Detail ?? "") is { Success: true } place
            ? place.Value
            : null;

    /// <summary>Sentences, each with a leading blank; empty if neither a user's function nor a row is named.</summary>
    public static string Sentences(PostgresException error) =>
        Origin(error) + (error.Data[RowKey] is string row ? $" It concerns the row {row}." : "");

    private static string Origin(PostgresException error) =>
        error.Data[Key] is string noted ? $" It comes from {noted}."
        : Function(error) is { } function ? $" It comes from {function.Words}."
        : "";

    /// <summary>The innermost one. Lines of CONTEXT are in the server's language; names and numbers are not.</summary>
    public static (string Name, string Words)? Function(PostgresException error) =>
        Functions()
            .Matches(error.Where ?? "")
            .Select(match => (Name: match.Groups["name"].Value, Line: match.Groups["line"].Value))
            .Where(each => !each.Name.StartsWith("segue.", StringComparison.Ordinal))
            .Select(each => ((string, string)?)(each.Name, $"function {each.Name}, line {each.Line}"))
            .FirstOrDefault();

    [GeneratedRegex(
        """^[^"\n]*?PL/pgSQL\S*\s[^"\n(]*?"""
            + """(?<name>(?:"[^"\n]+"|[\w$]+)(?:\.(?:"[^"\n]+"|[\w$]+))?\([^)\n]*\))[^\d\n]*(?<line>\d+)""",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex Functions();

    [GeneratedRegex(@"\(\d+,\d+\)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}

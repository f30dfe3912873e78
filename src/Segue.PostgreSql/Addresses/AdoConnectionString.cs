using System.Text.RegularExpressions;
using Npgsql;
using Segue.Projects;

namespace Segue.PostgreSql.Addresses;

/// <summary>An ADO.NET connection string: <c>Host=...;Database=...;Username=...</c>.</summary>
internal static partial class AdoConnectionString
{
    private const string Example = "Write it as Host=...;Port=5432;Database=...;Username=..., or as a postgres:// URL.";

    public static bool IsOne(string text) => text.Contains('=');

    public static AddressParse Parse(string text)
    {
        if (!text.Contains(';') && LibpqPairs().IsMatch(text))
        {
            return new AddressParse.Invalid(
                "the connection string has libpq's form (pairs separated by blanks)",
                Example
            );
        }

        try
        {
            NpgsqlConnectionStringBuilder builder = new(text);
            builder.Host ??= "localhost";
            return new AddressParse.Read(new PostgresAddress(builder));
        }
        catch (ArgumentException error)
        {
            // Neither Npgsql's messages nor its inner exceptions are passed on: they quote values. The keyword is safe.
            string what =
                error.ParamName is { Length: > 0 } keyword && KnownWord().IsMatch(keyword)
                    ? $"the connection string's '{keyword}' is not a keyword of Npgsql, or its value is not valid"
                    : "the connection string is malformed";
            return new AddressParse.Invalid(what, Example);
        }
    }

    [GeneratedRegex(@"^\s*\w+\s*=\s*\S+\s+\w+\s*=", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LibpqPairs();

    [GeneratedRegex(@"^[a-zA-Z_ ]{1,40}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KnownWord();
}

using System.Text.RegularExpressions;

namespace Segue.PostgreSql.Lexing;

/// <summary>One word or sign of a statement.</summary>
/// <param name="Text">An unquoted word in lower case, a quoted name without its quotes, else the sign itself.</param>
/// <param name="IsName">It may name something: a word, keywords included, or a quoted name.</param>
/// <param name="At">Where in the statement it begins.</param>
internal readonly record struct SqlToken(string Text, bool IsName, bool IsQuoted, int At, int Length)
{
    public int End => At + Length;

    public bool Is(string word) => !IsQuoted && Text == word;

    public bool IsAny(IReadOnlySet<string> words) => IsName && !IsQuoted && words.Contains(Text);
}

/// <summary>
/// Cuts a statement into words and signs; comments and constants are left out. Rules: PostgreSQL documentation,
/// "Lexical Structure". Good enough to
/// find names in statements.
/// </summary>
internal static partial class SqlTokens
{
    public static IReadOnlyList<SqlToken> Of(string sql) =>
        [.. Pattern().Matches(sql).Where(match => !match.Groups["skip"].Success).Select(Token)];

    private static SqlToken Token(Match match) =>
        match switch
        {
            _ when match.Groups["quoted"].Success => new SqlToken(
                match.Value[1..^1].Replace("\"\"", "\""),
                IsName: true,
                IsQuoted: true,
                match.Index,
                match.Length
            ),
            _ when match.Groups["word"].Success => new SqlToken(
                match.Value.ToLowerInvariant(),
                IsName: true,
                IsQuoted: false,
                match.Index,
                match.Length
            ),
            _ => new SqlToken(match.Value, IsName: false, IsQuoted: false, match.Index, match.Length),
        };

    [GeneratedRegex(
        """
            (?<skip> --[^\n]* | /\*[\s\S]*?\*/ )
            | (?<constant> '(?:[^']|'')*' | \$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$ | \$?[0-9][\w.]* )
            | (?<quoted> "(?:[^"]|"")*" )
            | (?<word> [\p{L}_][\p{L}\p{N}_$]* )
            | \S
            """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 2000
    )]
    private static partial Regex Pattern();
}

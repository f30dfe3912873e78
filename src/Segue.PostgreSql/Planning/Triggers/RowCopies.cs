using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Planning.Triggers;

/// <summary>
/// What a trigger function's text does with whole rows, as far as its words show: statements that copy a row by the
/// positions of its columns, and calls that put a row into one value.
/// </summary>
internal static class RowCopies
{
    private static readonly HashSet<string> OldAndNew = ["old", "new"];
    private static readonly HashSet<string> NamePutters = ["format", "quote_ident", "concat", "lower", "upper", "text"];
    private static readonly HashSet<string> TableNames = ["tg_table_name", "tg_relname"];
    private static readonly HashSet<string> BeforeStar = ["select", "all", "distinct"];

    /// <summary>Each INSERT whose values are written with a star.</summary>
    public static IEnumerable<string> Inserts(string source)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(source);
        for (int i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is("insert") && tokens[i + 1].Is("into"))
            {
                int end = EndOf(tokens, i);
                if (Enumerable.Range(i + 2, end - i - 2).Any(at => IsStar(tokens, at)))
                {
                    yield return source[tokens[i].At..(end < tokens.Count ? tokens[end].At : source.Length)].TrimEnd();
                }
            }
        }
    }

    /// <summary>
    /// Expressions that are executed with a row and have a star, e.g. the constant of
    /// <c>EXECUTE 'INSERT INTO h SELECT ($1).*' USING OLD</c>.
    /// </summary>
    public static IEnumerable<string> Executed(string source)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(source);
        foreach ((int i, _) in tokens.Index().Where(token => token.Item.Is("execute")))
        {
            SqlToken[] statement = [.. tokens.Skip(i + 1).TakeWhile(token => token.Text != ";" || token.IsName)];
            SqlToken[] expression = [.. statement.TakeWhile(token => !token.Is("using") && !token.Is("into"))];
            bool usesRow = statement.SkipWhile(token => !token.Is("using")).Any(token => token.IsAny(OldAndNew));
            if (usesRow && expression.Any(token => token.Text.Contains(".*", StringComparison.Ordinal)))
            {
                yield return source[expression[0].At..expression[^1].End];
            }
        }
    }

    /// <summary>
    /// The expression with the table's name in it, if it contains only that, constants and system functions that
    /// concatenate names; null otherwise.
    /// </summary>
    public static string? WithTable(string expression, string schema, string table)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(expression);
        if (
            tokens.Any(token =>
                token.IsName && !token.IsAny(NamePutters) && !token.IsAny(TableNames) && !token.Is("tg_table_schema")
            )
        )
        {
            return null;
        }

        string text = expression;
        foreach (SqlToken token in tokens.Reverse())
        {
            string? name =
                token.Is("tg_table_schema") ? schema
                : token.IsAny(TableNames) ? table
                : null;
            text = name is null ? text : text[..token.At] + Sql.Literal(name) + text[token.End..];
        }

        return text;
    }

    /// <summary>Calls that make one value of a row, e.g. <c>to_jsonb(NEW)</c>.</summary>
    public static IEnumerable<string> Values(string source)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(source);
        for (int i = 2; i + 1 < tokens.Count; i++)
        {
            if (
                tokens[i].IsAny(OldAndNew)
                && tokens[i - 1].Text == "("
                && tokens[i + 1].Text is ")" or ","
                && tokens[i - 2] is { IsName: true } call
            )
            {
                yield return $"{call.Text}({tokens[i].Text.ToUpperInvariant()})";
            }
        }
    }

    /// <summary>Variables that are assigned OLD or NEW, or declared as rows of the table.</summary>
    public static IReadOnlyList<string> Variables(string source, string table)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(source);
        bool IsGiven(int i) =>
            tokens[i + 1].Text == ":"
            && tokens[i + 2].Text == "="
            && tokens[i + 3].IsAny(OldAndNew)
            && (i + 4 == tokens.Count || tokens[i + 4].Text is ";");
        bool IsDeclared(int i) =>
            tokens[i + 1].IsName
            && tokens[i + 1].Text == table
            && tokens[i + 2].Text == "%"
            && tokens[i + 3].Is("rowtype");
        bool IsVariable(int i) => tokens[i].IsName && !tokens[i].IsAny(OldAndNew) && (IsGiven(i) || IsDeclared(i));
        return
        [
            .. Enumerable
                .Range(0, Math.Max(0, tokens.Count - 3))
                .Where(IsVariable)
                .Select(i => tokens[i].Text)
                .Distinct(),
        ];
    }

    private static int EndOf(IReadOnlyList<SqlToken> tokens, int start)
    {
        int depth = 0;
        for (int i = start; i < tokens.Count; i++)
        {
            depth += tokens[i] switch
            {
                { Text: "(", IsName: false } => 1,
                { Text: ")", IsName: false } => -1,
                _ => 0,
            };
            bool isConflict = tokens[i].Is("on") && i + 1 < tokens.Count && tokens[i + 1].Is("conflict");
            bool ends = tokens[i].Text == ";" || tokens[i].Is("returning") || isConflict;
            if (depth < 0 || (depth == 0 && ends))
            {
                return i;
            }
        }

        return tokens.Count;
    }

    /// <summary>Not a multiplication, and not that of <c>count(*)</c>.</summary>
    private static bool IsStar(IReadOnlyList<SqlToken> tokens, int at) =>
        tokens[at] is { Text: "*", IsName: false }
        && (tokens[at - 1].Text is "." or "," || tokens[at - 1].IsAny(BeforeStar));
}

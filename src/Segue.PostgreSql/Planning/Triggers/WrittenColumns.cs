using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Planning.Triggers;

/// <summary>Which columns an INSERT writes, and with which values, as the server prints it.</summary>
internal sealed record WrittenColumns(IReadOnlyList<string> Columns, IReadOnlyList<string> Values)
{
    private static readonly HashSet<string> EndsSelectList =
    [
        "from",
        "where",
        "group",
        "having",
        "window",
        "union",
        "intersect",
        "except",
        "order",
        "limit",
        "offset",
        "fetch",
        "for",
    ];

    /// <summary>Reads them from the printed rule with the statement.</summary>
    /// <param name="printed">With columns and stars expanded.</param>
    public static WrittenColumns? Read(string printed)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(printed);
        int insert = Enumerable
            .Range(0, tokens.Count - 1)
            .FirstOrDefault(i => tokens[i].Is("insert") && tokens[i + 1].Is("into"), -1);
        int open = insert < 0 ? -1 : Next(tokens, insert, token => token.Text == "(");
        int list = open < 0 ? -1 : Next(tokens, open, token => token.Is("select") || token.Is("values"));
        if (list < 0)
        {
            return null;
        }

        IReadOnlyList<string> columns = Items(printed, tokens, open + 1, _ => false);
        bool isValues = tokens[list].Is("values");
        int first =
            isValues ? list + 2
            : tokens[list + 1].Is("distinct") ? list + 2
            : list + 1;
        IReadOnlyList<string> values = Items(printed, tokens, first, token => !isValues && token.IsAny(EndsSelectList));
        return new WrittenColumns([.. columns.Select(Unquoted)], values);
    }

    /// <summary>Null as long as old values go to the same columns, and new ones to columns of the same names.</summary>
    /// <param name="added">Columns that the change adds.</param>
    public string? ShiftFrom(WrittenColumns before, IReadOnlyCollection<string> added)
    {
        for (int i = 0; i < Columns.Count && i < Values.Count; i++)
        {
            bool isAsBefore =
                i < before.Columns.Count && i < before.Values.Count
                    ? Columns[i] == before.Columns[i] && Values[i] == before.Values[i]
                    : IsSameColumn(i, added);
            if (!isAsBefore)
            {
                return $"{Columns[i]} would get {Values[i]}";
            }
        }

        return null;
    }

    /// <summary>Null as long as the other values go to the same columns.</summary>
    /// <param name="dropped">The column that the change drops.</param>
    public string? ShiftWithout(WrittenColumns before, string dropped)
    {
        HashSet<(string, string)> known = [.. before.Columns.Zip(before.Values)];
        (string Column, string Value)[] others = [.. Columns.Zip(Values).Where(pair => !known.Contains(pair))];
        return others is [var first, ..] ? $"{first.Column} would get {first.Value}"
            : Values.Count < before.Values.Count(value => !Names(value, dropped)) ? $"{dropped} would get nothing"
            : null;
    }

    private static bool Names(string value, string column) =>
        SqlTokens.Of(value).Any(token => token.IsName && token.Text == column);

    private bool IsSameColumn(int i, IReadOnlyCollection<string> added) =>
        added.Contains(Columns[i]) && Names(Values[i], Columns[i]);

    private static int Next(IReadOnlyList<SqlToken> tokens, int from, Func<SqlToken, bool> isIt)
    {
        for (int i = from; i < tokens.Count; i++)
        {
            if (isIt(tokens[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The items between commas, up to the parenthesis or word that ends them.</summary>
    private static List<string> Items(string text, IReadOnlyList<SqlToken> tokens, int first, Func<SqlToken, bool> ends)
    {
        List<string> items = [];
        int depth = 0;
        int start = tokens[first].At;
        for (int i = first; i < tokens.Count; i++)
        {
            SqlToken token = tokens[i];
            bool isEnd = depth == 0 && (token is { Text: ")" or ";", IsName: false } || ends(token));
            if (isEnd || (depth == 0 && token is { Text: ",", IsName: false }))
            {
                items.Add(text[start..token.At].Trim());
                start = token.End;
            }

            if (isEnd)
            {
                break;
            }

            depth += token switch
            {
                { Text: "(" or "[", IsName: false } => 1,
                { Text: ")" or "]", IsName: false } => -1,
                _ => 0,
            };
        }

        return items;
    }

    private static string Unquoted(string name) => SqlTokens.Of(name) is [{ } token] ? token.Text : name;
}

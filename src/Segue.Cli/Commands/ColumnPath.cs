using System.CommandLine.Parsing;
using Segue.Changes;
using Segue.Changes.Keys;

namespace Segue.Cli.Commands;

/// <summary>
/// A column with its table: <c>orders.currency</c>, <c>sales.orders.currency</c>, <c>sales."Order.Lines".currency</c>.
/// </summary>
internal sealed record ColumnPath(TableName Table, string Column)
{
    public static ColumnPath? Parse(ArgumentResult result)
    {
        string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        int dot = LastBareDot(text);
        if (dot <= 0 || dot == text.Length - 1)
        {
            result.AddError(
                $"'{text}' does not name a column of a table. Write it as table.column or schema.table.column."
            );
            return null;
        }

        TableName? table = TableOf(text[..dot], "table", result);
        return table is null ? null : new ColumnPath(table, Unquoted(text[(dot + 1)..]));
    }

    /// <summary>A parent table as SQL names it: <c>currencies</c> or <c>currencies(code)</c>.</summary>
    public static (TableName Table, string? Column)? ParseReference(ArgumentResult result)
    {
        string text = result.Tokens[0].Value.Trim();
        int open = text.EndsWith(')') ? text.LastIndexOf('(') : -1;
        TableName? table = TableOf(open < 0 ? text : text[..open].TrimEnd(), "--references", result);
        return table is null ? null : (table, open < 0 ? null : Unquoted(text[(open + 1)..^1].Trim()));
    }

    private static TableName? TableOf(string text, string what, ArgumentResult result)
    {
        try
        {
            return TableNames.Parse(text, what);
        }
        catch (FormatException error)
        {
            result.AddError(error.Message);
            return null;
        }
    }

    private static int LastBareDot(string text)
    {
        int last = -1;
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            isQuoted ^= text[i] == '"';
            last = text[i] == '.' && !isQuoted ? i : last;
        }

        return last;
    }

    private static string Unquoted(string name) =>
        name is ['"', .., '"'] && name.Length > 2 ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;
}

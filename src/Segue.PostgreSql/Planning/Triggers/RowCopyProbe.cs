using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Triggers;

/// <summary>
/// Asks the server which columns a statement of a trigger function writes, without running it: as the action of a rule
/// on the table's copy, where OLD and NEW exist as in a trigger. Nothing is executed, so no sequence moves and no
/// notification is sent.
/// </summary>
/// <param name="others">Tables that have copies of their own, because the change adds columns to them before.</param>
internal sealed class RowCopyProbe(NpgsqlConnection connection, TableCopy copy, IReadOnlyList<Table> others)
{
    private const int MostVariables = 40;

    private static readonly HashSet<string> Unknown =
    [
        PostgresErrorCodes.UndefinedColumn,
        PostgresErrorCodes.UndefinedTable,
        PostgresErrorCodes.UndefinedParameter,
    ];

    /// <summary>
    /// The statement with NULL instead of the function's variables, and the columns it writes; or why the server
    /// rejects it.
    /// </summary>
    public async Task<(string Statement, WrittenColumns? Written, PostgresException? Error)> ReadAsync(
        string statement,
        TriggerFunction function,
        CancellationToken cancel
    )
    {
        string asked = WithCopies(WithRows(statement, function));
        for (int i = 0; ; i++)
        {
            (WrittenColumns? written, PostgresException? error) = await AskAsync(asked, function, cancel);
            if (error is null || i == MostVariables || WithoutVariable(asked, error) is not { } next)
            {
                return (asked, written, error);
            }

            asked = next;
        }
    }

    /// <summary>The earlier result, if no other variable was found.</summary>
    public async Task<(WrittenColumns? Written, PostgresException? Error)> AskAsync(
        string asked,
        TriggerFunction function,
        CancellationToken cancel
    )
    {
        try
        {
            return (await connection.AsideAsync(() => WrittenAsync(asked, function, cancel), cancel), null);
        }
        catch (PostgresException error)
        {
            return (null, error);
        }
    }

    private async Task<WrittenColumns?> WrittenAsync(string asked, TriggerFunction function, CancellationToken cancel)
    {
        string? path =
            function.SearchPath
            ?? await connection.ScalarAsync<string>("SELECT current_setting('search_path')", cancel);
        await connection.SetLocalAsync(cancel, ("search_path", $"pg_temp, {path}"));
        await connection.ExecuteAsync(Begin + asked, cancel);
        string printed = (
            await connection.ScalarAsync<string>(
                "SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = $1::regclass AND rulename = 'segue_probe'",
                cancel,
                copy.Sql
            )
        )!;
        return WrittenColumns.Read(printed[printed.IndexOf(" DO ", StringComparison.Ordinal)..]);
    }

    /// <summary>The value of an expression of constants; null if the server rejects it.</summary>
    public async Task<string?> TextAsync(string expression, CancellationToken cancel)
    {
        string? text = null;
        bool isGiven = await copy.SucceedsAsync(
            async () => text = await connection.ScalarAsync<string>($"SELECT ({expression})::text", cancel),
            cancel
        );
        return isGiven ? text : null;
    }

    private string Begin => $"CREATE RULE segue_probe AS ON UPDATE TO {copy.Sql} DO ALSO ";

    /// <summary>Names for rows of the table are replaced by names that a rule accepts.</summary>
    private string WithRows(string statement, TriggerFunction function)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(statement);
        string? ForRow(string word) =>
            function.Rows.Contains(word) ? "NEW"
            : function.RowSets.Contains(word) ? copy.Sql
            : null;
        return Replace(
            statement,
            tokens
                .Index()
                .Where(each => each.Index == 0 || tokens[each.Index - 1].Text != ".")
                .Select(each => (each.Item, ForRow(each.Item.Text)))
        );
    }

    /// <summary>A table that is named with its schema and has a copy.</summary>
    private string WithCopies(string statement)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(statement);
        string asked = statement;
        for (int i = tokens.Count - 3; i >= 0; i--)
        {
            (string schema, string name) = (tokens[i].Text, tokens[i + 2].Text);
            bool hasCopy = others.Append(copy.Table).Any(table => table.Schema == schema && table.Name == name);
            if (tokens[i].IsName && tokens[i + 1].Text == "." && hasCopy)
            {
                asked = asked[..tokens[i].At] + $"pg_temp.{Sql.Name(tokens[i + 2].Text)}" + asked[tokens[i + 2].End..];
            }
        }

        return asked;
    }

    /// <summary>
    /// A variable of the function is not a column, so NULL replaces it. Null if the error is another.
    /// </summary>
    private string? WithoutVariable(string asked, PostgresException error)
    {
        if (!Unknown.Contains(error.SqlState) || error.Position <= Begin.Length)
        {
            return null;
        }

        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(asked);
        int at = error.Position - 1 - Begin.Length;
        int first = Enumerable.Range(0, tokens.Count).FirstOrDefault(i => tokens[i].At == at, -1);
        if (first < 0)
        {
            return null;
        }

        int last = first;
        while (last + 2 < tokens.Count && tokens[last + 1].Text == "." && tokens[last + 2].IsName)
        {
            last += 2;
        }

        bool isTable = error.SqlState == PostgresErrorCodes.UndefinedTable && last == first;
        while (last + 3 < tokens.Count && tokens[last + 1].Text == "[")
        {
            last = Enumerable
                .Range(last + 1, tokens.Count - last - 1)
                .FirstOrDefault(i => tokens[i].Text == "]", tokens.Count - 1);
        }

        return isTable ? null : asked[..at] + "NULL" + asked[tokens[last].End..];
    }

    private static string Replace(string text, IEnumerable<(SqlToken Token, string? Replacement)> replacements)
    {
        foreach ((SqlToken token, string? replacement) in replacements.OrderByDescending(each => each.Token.At))
        {
            text = replacement is null ? text : text[..token.At] + replacement + text[token.End..];
        }

        return text;
    }
}

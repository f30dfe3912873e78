using Npgsql;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// What the text of functions does beyond reading and writing rows, including the functions that they call and the
/// triggers of the tables that they write. Nothing is called.
/// </summary>
internal sealed class ReachedCode(NpgsqlConnection connection)
{
    private const int MostLines = 10;

    private static readonly HashSet<string> Commands =
    [
        "alter",
        "analyze",
        "call",
        "cluster",
        "comment",
        "copy",
        "create",
        "drop",
        "execute",
        "grant",
        "listen",
        "lock",
        "notify",
        "refresh",
        "reindex",
        "revoke",
        "security",
        "truncate",
        "vacuum",
    ];

    private static readonly HashSet<string> Beginnings = [";", "begin", "atomic", "then", "else", "loop", "$"];

    /// <param name="signatures">As the server prints a <c>regprocedure</c>.</param>
    public Task<IReadOnlyList<string>> OfAsync(IReadOnlyList<string> signatures, CancellationToken cancel) =>
        FollowAsync(signatures, [], [], cancel);

    /// <param name="body">The text of a block of code.</param>
    public async Task<IReadOnlyList<string>> OfBlockAsync(string body, CancellationToken cancel)
    {
        IReadOnlyList<string> says = await FollowAsync([], Called(body), Written(body), cancel);
        return
        [
            .. Says("the block", body)
                .Concat(says)
                .DefaultIfEmpty("the block is not run: what it calls and how many rows it writes cannot be predicted")
                .Take(MostLines),
        ];
    }

    public Task<IReadOnlyList<string>> OfProcedureAsync(string name, CancellationToken cancel) =>
        FollowAsync([], [name], [], cancel);

    private async Task<IReadOnlyList<string>> FollowAsync(
        IReadOnlyList<string> signatures,
        IReadOnlyList<string> names,
        IReadOnlyList<string> written,
        CancellationToken cancel
    )
    {
        HashSet<long> seen = [];
        List<string> says = [];
        while (signatures.Count + names.Count + written.Count > 0 && says.Count < MostLines)
        {
            IReadOnlyList<(long Oid, string Name, string Language, string Body, bool IsOfExtension)> functions =
                await connection.QueryAsync(
                    Query,
                    row => (row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)),
                    cancel,
                    signatures.ToArray(),
                    names.ToArray(),
                    written.ToArray()
                );
            List<string> called = [];
            List<string> tables = [];
            foreach (
                (_, string name, string language, string body, _) in functions.Where(each =>
                    !each.IsOfExtension && seen.Add(each.Oid)
                )
            )
            {
                says.AddRange(
                    language is "sql" or "plpgsql"
                        ? Says(name, body)
                        : [$"{name} is written in {language}: Segue does not read its text"]
                );
                called.AddRange(Called(body));
                tables.AddRange(Written(body));
            }

            (signatures, names, written) = ([], called, tables);
        }

        return [.. says.Distinct().Take(MostLines)];
    }

    private static IEnumerable<string> Says(string name, string body)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(body);
        for (int i = 0; i < tokens.Count; i++)
        {
            string before = i == 0 ? ";" : tokens[i - 1].Text;
            bool isCommand =
                tokens[i].IsAny(Commands)
                && Beginnings.Contains(before)
                && !(i + 1 < tokens.Count && tokens[i + 1].Text is "." or ":" or "=");
            bool isDynamic = tokens[i].Is("execute") && before is "query" or "in" or "for";
            bool isTemporary =
                tokens[i].Is("create") && i + 1 < tokens.Count && tokens[i + 1].Text is "temp" or "temporary";
            if ((isCommand && !isTemporary) || (tokens[i].Is("execute") && isDynamic))
            {
                yield return $"{name}: {Head(body[tokens[i].At..])}";
            }
        }
    }

    private static string Head(string statement)
    {
        string line = string.Join(
            ' ',
            statement.Split(';')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
        return line.Length > 70 ? $"{line[..70]}..." : line;
    }

    private static List<string> Called(string body)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(body);
        return
        [
            .. tokens
                .Zip(tokens.Skip(1))
                .Where(pair => pair.First.IsName && pair.Second is { Text: "(", IsName: false })
                .Select(pair => pair.First.Text)
                .Distinct(),
        ];
    }

    private static List<string> Written(string body)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(body);
        List<string> names = [];
        for (int i = 1; i < tokens.Count; i++)
        {
            bool isWritten =
                tokens[i - 1].Is("into")
                || tokens[i - 1].Is("update")
                || (tokens[i - 1].Is("from") && i > 1 && tokens[i - 2].Is("delete"));
            if (isWritten && tokens[i].IsName)
            {
                names.Add(
                    i + 2 < tokens.Count && tokens[i + 1].Text == "." && tokens[i + 2].IsName
                        ? Sql.Name(tokens[i].Text, tokens[i + 2].Text)
                        : Sql.Name(tokens[i].Text)
                );
            }
        }

        return names;
    }

    /// <summary>$1 signatures, $2 names, $3 tables whose triggers fire.</summary>
    private const string Query = """
        SELECT p.oid::bigint, p.oid::regprocedure::text, l.lanname::text,
            coalesce(CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE pg_get_function_sqlbody(p.oid) END, ''),
               EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                   AND d.deptype = 'e')
        FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
        WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace,
            coalesce(to_regnamespace('segue'), 'pg_catalog'::regnamespace))
          AND (p.oid::regprocedure::text = ANY ($1) OR p.proname = ANY ($2)
            OR p.oid IN (SELECT g.tgfoid FROM unnest($3) AS written
                JOIN pg_trigger g ON g.tgrelid = to_regclass(written) WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'))
        ORDER BY 2
        """;
}

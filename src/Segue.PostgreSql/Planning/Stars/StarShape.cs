using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Planning.Stars;

/// <param name="Schema">Null if the statement relies on the search path.</param>
internal sealed record NamedRelation(string? Schema, string Name);

/// <summary>
/// Finds the tables whose columns determine the shape of a statement: those of its own <c>*</c>, and those it copies or
/// inserts into by position. A star that does not reach the statement's result, as in <c>count(*)</c> or <c>EXISTS
/// (SELECT * ...)</c>, does not count.
/// </summary>
internal sealed class StarShape
{
    private static readonly HashSet<string> Beginnings =
    [
        "select",
        "with",
        "insert",
        "update",
        "delete",
        "merge",
        "copy",
        "prepare",
        "declare",
    ];
    private static readonly HashSet<string> Queries =
    [
        "select",
        "with",
        "insert",
        "update",
        "delete",
        "merge",
        "values",
    ];
    private static readonly HashSet<string> BeforeStar = ["select", "all", "distinct", "returning"];
    private static readonly HashSet<string> BeforeTable = ["from", "join", "into", "using", "update"];
    private static readonly HashSet<string> BeforeTables = ["from", "join", "using"];
    private static readonly HashSet<string> BeforeJoins = ["from", "join"];
    private static readonly HashSet<string> Combining = ["union", "intersect", "except", "all"];
    private static readonly HashSet<string> EndOfFrom =
    [
        "where",
        "group",
        "having",
        "order",
        "limit",
        "offset",
        "window",
        "fetch",
        "for",
        "returning",
        "set",
        "when",
    ];

    private readonly IReadOnlyList<SqlToken> _tokens;

    /// <summary>For each token, the position of the enclosing parenthesis; -1 for the statement itself.</summary>
    private readonly int[] _blocks;

    private readonly HashSet<string> _subqueries;

    private StarShape(IReadOnlyList<SqlToken> tokens)
    {
        _tokens = tokens;
        _blocks = BlocksOf(tokens);
        _subqueries =
        [
            .. Enumerable
                .Range(0, tokens.Count)
                .Where(i =>
                    At(i + 1).Is("as") && (At(i + 2).Is("(") || At(i + 2).Is("materialized") || At(i + 2).Is("not"))
                )
                .Select(i => tokens[i].Text),
        ];
    }

    public static IReadOnlyList<NamedRelation> Relations(string statement)
    {
        IReadOnlyList<SqlToken> tokens = SqlTokens.Of(statement);
        return tokens.SkipWhile(token => token.Is("(")).FirstOrDefault().IsAny(Beginnings)
            ? [.. new StarShape(tokens).Find().Distinct()]
            : [];
    }

    private IEnumerable<NamedRelation> Find()
    {
        int[] stars = [.. Enumerable.Range(0, _tokens.Count).Where(IsStar)];
        bool reachesResult = stars.Any(star => IsOutermost(_blocks[star]));
        return
        [
            .. reachesResult ? stars.Where(star => !IsCondition(_blocks[star])).SelectMany(OfStar) : [],
            .. ByPlace(),
        ];
    }

    /// <summary>COPY and INSERT ... SELECT without a list of columns.</summary>
    private IEnumerable<NamedRelation> ByPlace()
    {
        for (int i = 0; i < _tokens.Count; i++)
        {
            bool copies = i == 0 && _tokens[i].Is("copy");
            if (
                (copies || (_tokens[i].Is("into") && At(i - 1).Is("insert")))
                && ReferenceAt(i + 1) is { } into
                && (copies ? !At(into.Next).Is("(") : IsSelect(into.Next))
            )
            {
                yield return into.Relation;
            }
        }
    }

    private bool IsSelect(int next)
    {
        next += At(next).Is("overriding") ? 3 : 0;
        SqlToken first = At(At(next).Is("(") ? next + 1 : next);
        return first.Is("select") || first.Is("with");
    }

    private bool IsStar(int i)
    {
        if (!_tokens[i].Is("*") || !IsQuery(_blocks[i]))
        {
            return false;
        }

        bool endsList = At(i + 1) is { Text: "," or ")" or "from" or ";" or "" or null };
        return At(i - 1).IsAny(BeforeStar)
            || At(i - 1) is { Text: "," or ".", IsName: false }
            || (At(i - 1).Is(")") && endsList);
    }

    private IEnumerable<NamedRelation> OfStar(int star)
    {
        bool returning = !At(star - 1).Is(".") && Before(star, "returning") > Before(star, "select");
        int block = _blocks[star];
        if (At(star - 1).Is("."))
        {
            string qualifier = At(star - 2).Text;
            return References(block + 1, block)
                .Where(reference => reference.Alias == qualifier || reference.Relation.Name == qualifier)
                .Select(reference => reference.Relation);
        }

        bool ofTarget = returning && IsInsert(block);
        return References(returning ? block + 1 : star, block)
            .Where(reference => !ofTarget || reference.IsTarget)
            .Select(reference => reference.Relation);
    }

    private bool IsInsert(int block) =>
        Enumerable.Range(0, _tokens.Count).Any(i => _blocks[i] == block && _tokens[i].Is("insert"));

    private int Before(int i, string word) =>
        Enumerable.Range(0, i).Where(k => _blocks[k] == _blocks[i] && _tokens[k].Is(word)).DefaultIfEmpty(-1).Max();

    /// <summary>Tables named in one query from there on, up to the next query it is combined with.</summary>
    private IEnumerable<Reference> References(int start, int block)
    {
        bool inFrom = false;
        for (int i = start; i < _tokens.Count; i++)
        {
            if (!IsWithin(i, block))
            {
                continue;
            }

            SqlToken token = _tokens[i];
            if (token.IsAny(Combining) && !token.Is("all"))
            {
                yield break;
            }

            bool begins =
                token.IsAny(BeforeTable)
                && !(token.Is("from") && At(i - 1).Is("distinct"))
                && !(token.Is("update") && (At(i - 1).Is("for") || At(i - 1).Is("key") || At(i - 1).Is("do")));
            inFrom = (inFrom || (begins && token.IsAny(BeforeTables))) && !token.IsAny(EndOfFrom);
            bool isBefore = begins || (inFrom && (token.Is(",") || (token.Is("(") && IsWithin(i + 1, block))));
            if (
                isBefore
                && ReferenceAt(i + 1) is { } reference
                && (token.Is("into") || !At(reference.Next).Is("("))
                && !IsSubquery(reference.Relation)
            )
            {
                yield return reference with
                {
                    IsTarget = token.Is("into"),
                };
            }
        }
    }

    private bool IsSubquery(NamedRelation relation) => relation.Schema is null && _subqueries.Contains(relation.Name);

    /// <summary>In the query itself, or in parentheses around its joins.</summary>
    private bool IsWithin(int i, int block)
    {
        int around = i < _blocks.Length ? _blocks[i] : block;
        while (
            around != block
            && around >= 0
            && !IsQuery(around)
            && (At(around - 1).IsAny(BeforeJoins) || At(around - 1).Is("("))
        )
        {
            around = _blocks[around];
        }

        return around == block;
    }

    private Reference? ReferenceAt(int i)
    {
        i += At(i).Is("only") ? 1 : 0;
        if (!At(i).IsName || At(i).IsAny(Queries) || At(i).Is("set") || At(i).Is("lateral"))
        {
            return null;
        }

        bool qualified = At(i + 1).Is(".") && At(i + 2).IsName;
        NamedRelation relation = qualified
            ? new NamedRelation(At(i).Text, At(i + 2).Text)
            : new NamedRelation(null, At(i).Text);
        int next = qualified ? i + 3 : i + 1;
        int alias = At(next).Is("as") ? next + 1 : next;
        return new Reference(relation, At(alias).IsName ? At(alias).Text : null, next);
    }

    private bool IsQuery(int block) => IsOutermost(block) || At(block + 1).IsAny(Queries);

    /// <summary>The statement itself, or parentheses around all of one of the queries it combines.</summary>
    private bool IsOutermost(int block) =>
        block < 0
        || (
            (block == 0 || At(block - 1).IsAny(Combining) || At(block - 1).Is("copy") || At(block - 1).Is("("))
            && At(block + 1).IsAny(Queries)
            && IsOutermost(_blocks[block])
        );

    private bool IsCondition(int block) => block >= 0 && (At(block - 1).Is("exists") || IsCondition(_blocks[block]));

    private SqlToken At(int i) => i >= 0 && i < _tokens.Count ? _tokens[i] : default;

    private static int[] BlocksOf(IReadOnlyList<SqlToken> tokens)
    {
        int[] blocks = new int[tokens.Count];
        Stack<int> open = new([-1]);
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Is(")") && open.Count > 1)
            {
                open.Pop();
            }

            blocks[i] = open.Peek();
            if (tokens[i].Is("("))
            {
                open.Push(i);
            }
        }

        return blocks;
    }

    /// <param name="Alias">The word after the name: its alias, or a keyword, which no star is qualified with.</param>
    /// <param name="Next">The token after the name.</param>
    private sealed record Reference(NamedRelation Relation, string? Alias, int Next, bool IsTarget = false);
}

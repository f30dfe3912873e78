using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Explaining;

/// <summary>One statement of the user's, as its words show it.</summary>
internal sealed class StatementText
{
    private readonly IReadOnlyList<SqlToken> _tokens;

    public StatementText(string text)
    {
        Text = text.Trim().TrimEnd(';').TrimEnd();
        _tokens = SqlTokens.Of(Text);
    }

    public string Text { get; }

    /// <summary>Its first words in lower case, e.g. <c>alter table</c>.</summary>
    public bool Begins(params string[] words) =>
        words.Length <= _tokens.Count && words.Index().All(word => _tokens[word.Index].Is(word.Item));

    /// <summary>The words follow each other somewhere in it.</summary>
    public bool Has(params string[] words) =>
        Enumerable
            .Range(0, Math.Max(0, _tokens.Count - words.Length + 1))
            .Any(start => words.Index().All(word => _tokens[start + word.Index].Is(word.Item)));

    /// <summary>
    /// It drops dependents of the named objects; the CASCADE of a foreign key's action does not count.
    /// </summary>
    public bool Cascades() =>
        _tokens
            .Index()
            .Any(token => token.Item.Is("cascade") && !(token.Index > 1 && _tokens[token.Index - 2].Is("on")));

    /// <summary>Code whose effects its words do not show.</summary>
    public bool IsCode => Begins("do") || Begins("call");

    /// <summary>The code between the quotes of DO; null for any other statement.</summary>
    public string? CodeOfBlock()
    {
        if (!Begins("do") || Text.IndexOfAny(['$', '\'']) is not (>= 0 and var opens))
        {
            return null;
        }

        string quote = Text[opens] == '$' ? Text[opens..(Text.IndexOf('$', opens + 1) + 1)] : "'";
        int closes = Text.LastIndexOf(quote, StringComparison.Ordinal);
        return closes < opens + quote.Length ? "" : Text[(opens + quote.Length)..closes];
    }

    /// <summary>The last part of the name after CALL.</summary>
    public string CalledProcedure() =>
        _tokens.TakeWhile(token => token.IsName || token.Text == ".").LastOrDefault().Text ?? "";

    /// <summary>The query that fills a new object, as in CREATE TABLE ... AS; null for any other statement.</summary>
    public string? FillingQuery()
    {
        if (
            !(MakesTable || Begins("create", "materialized", "view"))
            || TokensOutside().FirstOrDefault(token => token.Is("as")) is not { Length: > 0 } @as
        )
        {
            return null;
        }

        int end = _tokens.Count;
        end -=
            EndsWith("with", "no", "data") ? 3
            : EndsWith("with", "data") ? 2
            : 0;
        return Text[@as.End..(end < _tokens.Count ? _tokens[end].At : Text.Length)].Trim();
    }

    private bool EndsWith(params string[] words) =>
        words.Length <= _tokens.Count
        && words.Index().All(word => _tokens[_tokens.Count - words.Length + word.Index].Is(word.Item));

    /// <summary>Those outside parentheses.</summary>
    private IEnumerable<SqlToken> TokensOutside()
    {
        int depth = 0;
        foreach (SqlToken token in _tokens)
        {
            depth += token.Text switch
            {
                "(" when !token.IsName => 1,
                ")" when !token.IsName => -1,
                _ => 0,
            };
            if (depth == 0)
            {
                yield return token;
            }
        }
    }

    public bool MakesTable => Begins("create", "table") || Begins("create", "unlogged", "table");

    /// <summary>Where the name of the new table, or statistics object, begins; -1 if there is none.</summary>
    private int NewNameAt()
    {
        int at =
            Begins("create", "table") || Begins("create", "statistics") ? 2
            : Begins("create", "unlogged", "table") ? 3
            : -1;
        return at > 0 && at + 3 < _tokens.Count && _tokens[at].Is("if") && _tokens[at + 1].Is("not") ? at + 3 : at;
    }

    /// <summary>Why it cannot be read as one statement with known words; null if it can.</summary>
    public string? Objection() =>
        ExpressionText.Objection(Text) is { } objection ? $"it is not one SQL statement: {objection}"
        : _tokens.Any(token => token.Text is "e" or "u" && Text.AsSpan(token.End) is ['\'' or '&', ..])
            ? "it has a constant with escapes (E'...' or U&'...'), in which Segue cannot distinguish names from text."
        : null;

    /// <summary>
    /// Everything that may name a relation: one or two names with a dot between, or three if the first is the database.
    /// </summary>
    public IReadOnlyList<NamedInText> Names(string database)
    {
        List<NamedInText> names = [];
        for (int i = 0; i < _tokens.Count; i++)
        {
            if (!_tokens[i].IsName || (i > 0 && _tokens[i - 1].Text == "."))
            {
                continue;
            }

            names.Add(
                new NamedInText(null, _tokens[i].Text, _tokens[i].At, _tokens[i].Length)
                {
                    After = WordBefore(i),
                    IsNew = i == NewNameAt() && !IsFollowed(i),
                }
            );
            if (IsFollowed(i))
            {
                names.Add(Pair(i, i));
                names.AddRange(
                    _tokens[i].Text == database && IsFollowed(i + 2) ? [Pair(i, i + 2)] : Array.Empty<NamedInText>()
                );
            }
        }

        return names;
    }

    /// <summary>
    /// The names of its objects, as far as the word before them distinguishes them from columns and words of the same
    /// name.
    /// </summary>
    public IEnumerable<NamedInText> WorkedOn(string database) =>
        Names(database)
            .Where(name =>
                name.After is "table" or "only" or "exists" or "on" or "truncate" or "lock" or "partition" or "inherit"
                || (name.After == "column" && Begins("comment"))
            );

    public bool IsAboutStatistics =>
        Begins("create", "statistics")
        || Begins("alter", "statistics")
        || Begins("drop", "statistics")
        || Begins("comment", "on", "statistics");

    /// <summary>By a dot and another name.</summary>
    private bool IsFollowed(int i) => i + 2 < _tokens.Count && _tokens[i + 1].Text == "." && _tokens[i + 2].IsName;

    private NamedInText Pair(int first, int schema) =>
        new(
            _tokens[schema].Text,
            _tokens[schema + 2].Text,
            _tokens[first].At,
            _tokens[schema + 2].End - _tokens[first].At
        )
        {
            After = WordBefore(first),
            IsNew = first == NewNameAt() && !IsFollowed(schema + 2),
        };

    private string WordBefore(int i) => i == 0 || _tokens[i - 1].IsQuoted ? "" : _tokens[i - 1].Text;

    /// <summary>As it is tried: a temporary table is not logged anyway, and nothing is filled.</summary>
    private string ForCopies(string text)
    {
        string logged = Begins("create", "unlogged") ? $"CREATE {text[_tokens[2].At..]}" : text;
        return FillingQuery() is null || EndsWith("with", "no", "data") ? logged
            : EndsWith("with", "data")
                ? $"{logged[..logged.LastIndexOf("with", StringComparison.OrdinalIgnoreCase)]} WITH NO DATA"
            : $"{logged}\nWITH NO DATA";
    }

    /// <summary>The statement with some names replaced.</summary>
    public string With(IEnumerable<(NamedInText Name, string Replacement)> replacements)
    {
        string text = Text;
        foreach ((NamedInText name, string replacement) in replacements.OrderByDescending(each => each.Name.At))
        {
            text = text[..name.At] + replacement + text[(name.At + name.Length)..];
        }

        return ForCopies(text);
    }
}

/// <param name="Schema">Null without a schema.</param>
internal sealed record NamedInText(string? Schema, string Name, int At, int Length)
{
    /// <summary>The word before it.</summary>
    public required string After { get; init; }

    /// <summary>It is the name of the new table or statistics object.</summary>
    public required bool IsNew { get; init; }

    /// <summary>As the server is asked for it.</summary>
    public string Sql =>
        Schema is null ? PostgreSql.Connections.Sql.Name(Name) : PostgreSql.Connections.Sql.Name(Schema, Name);
}

using Segue.PostgreSql.Planning.Stars;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>One statement of the user's, as far as its words go.</summary>
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
    public bool Begins(params string[] words) => words.Length <= _tokens.Count && words.Index().All(word => _tokens[word.Index].Is(word.Item));

    /// <summary>The words follow each other somewhere in it.</summary>
    public bool Has(params string[] words) =>
        Enumerable.Range(0, Math.Max(0, _tokens.Count - words.Length + 1)).Any(start => words.Index().All(word => _tokens[start + word.Index].Is(word.Item)));

    /// <summary>It takes along what depends on what it names; the CASCADE of a foreign key's action is none.</summary>
    public bool Cascades() => _tokens.Index().Any(token => token.Item.Is("cascade") && !(token.Index > 1 && _tokens[token.Index - 2].Is("on")));

    /// <summary>Why it cannot be taken for one statement whose words are known; null where it can.</summary>
    public string? Objection() =>
        ExpressionText.Objection(Text) is { } objection ? $"it is not one SQL statement: {objection}"
        : _tokens.Any(token => token.Text is "e" or "u" && Text.AsSpan(token.End) is ['\'' or '&', ..]) ? "it has a constant with escapes (E'...' or U&'...'), in which names could not be told from text."
        : null;

    /// <summary>Everything that may name a relation: one or two names with a dot between, or three where the first is the database.</summary>
    public IReadOnlyList<NamedInText> Names(string database)
    {
        List<NamedInText> names = [];
        for (int i = 0; i < _tokens.Count; i++)
        {
            if (!_tokens[i].IsName || (i > 0 && _tokens[i - 1].Text == "."))
            {
                continue;
            }

            names.Add(new NamedInText(null, _tokens[i].Text, _tokens[i].At, _tokens[i].Length));
            if (IsFollowed(i))
            {
                names.Add(Pair(i, i));
                names.AddRange(_tokens[i].Text == database && IsFollowed(i + 2) ? [Pair(i, i + 2)] : Array.Empty<NamedInText>());
            }
        }

        return names;
    }

    /// <summary>By a dot and another name.</summary>
    private bool IsFollowed(int i) => i + 2 < _tokens.Count && _tokens[i + 1].Text == "." && _tokens[i + 2].IsName;

    private NamedInText Pair(int first, int schema) => new(_tokens[schema].Text, _tokens[schema + 2].Text, _tokens[first].At, _tokens[schema + 2].End - _tokens[first].At);

    /// <summary>The statement with other names in the places of some.</summary>
    public string With(IEnumerable<(NamedInText Name, string Replacement)> replacements)
    {
        string text = Text;
        foreach ((NamedInText name, string replacement) in replacements.OrderByDescending(each => each.Name.At))
        {
            text = text[..name.At] + replacement + text[(name.At + name.Length)..];
        }

        return text;
    }
}

/// <param name="Schema">Null where it stands alone.</param>
internal sealed record NamedInText(string? Schema, string Name, int At, int Length);

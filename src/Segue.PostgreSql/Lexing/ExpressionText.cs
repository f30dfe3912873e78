namespace Segue.PostgreSql.Lexing;

/// <summary>
/// Checks whether a text is one self-contained expression as far as its tokens show: every quote, comment and
/// parenthesis is closed, none is closed that it did not open, and there is no semicolon. The server checks the rest;
/// this keeps a text within the parentheses around it. Token rules: PostgreSQL documentation, "Lexical Structure".
/// </summary>
internal sealed class ExpressionText(string text)
{
    private int _at;

    /// <summary>The objection, in words; null for none.</summary>
    public static string? Objection(string text) => new ExpressionText(text).Find();

    private string? Find()
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "it is empty.";
        }

        if (text.Contains('\0'))
        {
            return "it contains a NUL character.";
        }

        Stack<char> open = new();
        while (_at < text.Length)
        {
            char c = text[_at];
            string? objection = c switch
            {
                '\'' => SkipQuoted('\'', escapes: IsEscapeString()),
                '"' => SkipQuoted('"', escapes: false),
                '-' when Next() == '-' => SkipLine(),
                '/' when Next() == '*' => SkipComment(),
                '$' => SkipDollarQuoted(),
                ';' => "it contains a semicolon, which would end the statement.",
                '(' or '[' => Push(open, c),
                ')' or ']' => Pop(open, c),
                _ => Advance(),
            };
            if (objection is not null)
            {
                return objection;
            }
        }

        return open.Count > 0 ? $"its '{open.Peek()}' is never closed." : null;
    }

    private char Next() => _at + 1 < text.Length ? text[_at + 1] : '\0';

    private string? Advance()
    {
        _at++;
        return null;
    }

    private string? Push(Stack<char> open, char c)
    {
        open.Push(c);
        return Advance();
    }

    private string? Pop(Stack<char> open, char c)
    {
        char opener = c == ')' ? '(' : '[';
        return open.TryPop(out char top) && top == opener ? Advance() : $"its '{c}' closes nothing that it opened.";
    }

    private bool IsEscapeString() => _at > 0 && text[_at - 1] is 'e' or 'E' && (_at == 1 || !IsNamePart(text[_at - 2]));

    private string? SkipQuoted(char quote, bool escapes)
    {
        for (_at++; _at < text.Length; _at++)
        {
            if (escapes && text[_at] == '\\')
            {
                _at++;
            }
            else if (text[_at] == quote)
            {
                // A doubled quote is a quote character: the next round starts another quoted part right after it.
                return Advance();
            }
            else if (!escapes && quote == '\'' && text[_at] == '\\' && Next() == quote)
            {
                // With standard_conforming_strings off this would be an escaped quote: two servers would read two
                // texts.
                return "it has a backslash before a quote in a plain string; write it as E'...' or '\\\\'.";
            }
        }

        return $"its {quote} is never closed.";
    }

    private string? SkipLine()
    {
        int end = text.IndexOf('\n', _at);
        _at = end < 0 ? text.Length : end;
        return null;
    }

    private string? SkipComment()
    {
        int depth = 0;
        do
        {
            if (text[_at] == '/' && Next() == '*')
            {
                depth++;
                _at += 2;
            }
            else if (text[_at] == '*' && Next() == '/')
            {
                depth--;
                _at += 2;
            }
            else
            {
                _at++;
            }
        } while (depth > 0 && _at < text.Length);
        return depth == 0 ? null : "its comment is never closed.";
    }

    private string? SkipDollarQuoted()
    {
        int end = _at + 1;
        while (end < text.Length && IsNamePart(text[end]) && text[end] != '$')
        {
            end++;
        }

        bool isTag =
            end < text.Length
            && text[end] == '$'
            && (end == _at + 1 || !char.IsAsciiDigit(text[_at + 1]))
            && (_at == 0 || !IsNamePart(text[_at - 1]));
        if (!isTag)
        {
            return char.IsAsciiDigit(Next()) ? "it contains a parameter ($1); there are none." : Advance();
        }

        string tag = text[_at..(end + 1)];
        int close = text.IndexOf(tag, end + 1, StringComparison.Ordinal);
        if (close < 0)
        {
            return $"its {tag} is never closed.";
        }

        _at = close + tag.Length;
        return null;
    }

    private static bool IsNamePart(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' || c > 127;
}

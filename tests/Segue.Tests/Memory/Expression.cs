using System.Text.RegularExpressions;

namespace Segue.Tests.Memory;

/// <summary>What a column of a row is computed by: whole numbers, columns, + - * / and parentheses.</summary>
internal sealed partial class Expression
{
    private readonly string[] _tokens;
    private readonly Func<string, long?> _column;
    private int _at;

    private Expression(string text, Func<string, long?> column) =>
        (_tokens, _column) = ([.. Tokens().Matches(text).Select(match => match.Value)], column);

    /// <summary>NULL where one of its columns is.</summary>
    /// <exception cref="MemoryException">It raises an error for this row.</exception>
    public static long? Of(string text, Func<string, long?> column) => new Expression(text, column).Sum();

    private long? Sum()
    {
        long? left = Product();
        while (Takes("+") is var plus && (plus || Takes("-")))
        {
            long? right = Product();
            left = plus ? left + right : left - right;
        }

        return left;
    }

    private long? Product()
    {
        long? left = Value();
        while (Takes("*") is var times && (times || Takes("/")))
        {
            long? right = Value();
            left =
                times ? left * right
                : right == 0 ? throw MemoryException.Rows("division by zero")
                : left / right;
        }

        return left;
    }

    private long? Value()
    {
        if (Takes("("))
        {
            long? value = Sum();
            return Takes(")") ? value : throw MemoryException.Permanent("a parenthesis is not closed");
        }

        string token = _at < _tokens.Length ? _tokens[_at++] : throw MemoryException.Permanent("a value is missing");
        return long.TryParse(token, out long number) ? number : _column(token);
    }

    private bool Takes(string token)
    {
        bool there = _at < _tokens.Length && _tokens[_at] == token;
        _at += there ? 1 : 0;
        return there;
    }

    [GeneratedRegex(@"\d+|\w+|[-+*/()]", RegexOptions.NonBacktracking)]
    private static partial Regex Tokens();
}

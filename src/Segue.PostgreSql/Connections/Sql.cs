using System.Text;

namespace Segue.PostgreSql.Connections;

/// <summary>The one place where names and values become SQL text.</summary>
internal static class Sql
{
    /// <summary>NAMEDATALEN - 1, in bytes.</summary>
    public const int LongestName = 63;

    /// <summary>Triggers and constraints that are deferred to COMMIT run now and, from now on, at once.</summary>
    public const string RunDeferredNow = "SET CONSTRAINTS ALL IMMEDIATE";

    /// <summary>Always quoted, so that case, blanks, quotes and reserved words are data.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    public static string Name(string schema, string name) => $"{Name(schema)}.{Name(name)}";

    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Name));

    /// <summary>An expression of the server: a quoted name with its schema, of two columns of the catalog.</summary>
    public static string Qualified(string schema, string name) =>
        $"""format('"%s"."%s"', replace({schema}, '"', '""'), replace({name}, '"', '""'))""";

    /// <summary>A subquery of the server: a table and its partitions at any depth.</summary>
    /// <param name="table">An expression for its oid.</param>
    public static string Tree(string table) =>
        $"(SELECT {table} UNION SELECT relid FROM pg_partition_tree({table}::regclass))";

    /// <summary>A string constant that reads the same with any <c>standard_conforming_strings</c>.</summary>
    public static string Literal(string value)
    {
        string quoted = $"'{value.Replace("'", "''")}'";
        return value.Contains('\\') ? "E" + quoted.Replace("\\", "\\\\") : quoted;
    }

    /// <summary>A DO block, in quotes that do not occur in it.</summary>
    public static string Do(string body)
    {
        string quote = "$segue$";
        while (body.Contains(quote, StringComparison.Ordinal))
        {
            quote = quote.Insert(1, "_");
        }

        return $"DO {quote}\n{body}\n{quote}";
    }

    /// <summary>
    /// The expression on separate lines, so that a comment at its end cannot swallow the text after it.
    /// </summary>
    public static string Parenthesised(string expression) => $"(\n{expression.Trim()}\n)";

    /// <summary>Cuts to at most <paramref name="bytes"/> of UTF-8, between characters, as the server does.</summary>
    public static string Clip(string name, int bytes)
    {
        StringBuilder clipped = new();
        int used = 0;
        foreach (Rune rune in name.EnumerateRunes())
        {
            used += rune.Utf8SequenceLength;
            if (used > bytes)
            {
                break;
            }

            clipped.Append(rune);
        }

        return clipped.ToString();
    }
}

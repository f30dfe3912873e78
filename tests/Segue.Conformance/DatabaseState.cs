using Shouldly;

namespace Segue.Conformance;

/// <summary>A database as an app can know it: the catalog's lines, and every row as a line.</summary>
public sealed record DatabaseState(IReadOnlyList<string> Schema, IReadOnlyList<string> Rows)
{
    private const int MostLinesTold = 12;

    /// <param name="what">Which comparison it is, for the message.</param>
    public void ShouldEqual(DatabaseState expected, string what, bool withRows = true)
    {
        string difference = Difference(expected.Schema, Schema) + (withRows ? Difference(expected.Rows, Rows) : "");
        difference.ShouldBeEmpty($"{what}:{difference}");
    }

    private static string Difference(IReadOnlyList<string> expected, IReadOnlyList<string> actual) =>
        Told("missing", Without(expected, actual)) + Told("extra", Without(actual, expected));

    private static string[] Without(IReadOnlyList<string> lines, IReadOnlyList<string> others)
    {
        Dictionary<string, int> left = others
            .GroupBy(line => line)
            .ToDictionary(same => same.Key, same => same.Count());
        return [.. lines.Where(line => (left[line] = left.GetValueOrDefault(line) - 1) < 0)];
    }

    private static string Told(string word, string[] lines) =>
        string.Concat(lines.Take(MostLinesTold).Select(line => $"\n{word}: {line}"))
        + (lines.Length > MostLinesTold ? $"\n({lines.Length} {word})" : "");
}

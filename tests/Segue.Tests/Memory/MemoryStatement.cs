using System.Collections.Immutable;

namespace Segue.Tests.Memory;

/// <summary>The statements and questions of plans in memory: words with a blank between them.</summary>
internal static class MemoryStatement
{
    public static MemoryState Apply(MemoryState state, string statement)
    {
        string[] words = statement.Split(' ');
        return (words[0], words[1]) switch
        {
            ("add", "column") => state.With(
                words[2],
                table =>
                    table.Columns.Contains(words[3])
                        ? throw MemoryException.Permanent($"There is a column {words[3]} already.")
                        : table with
                        {
                            Columns = table.Columns.Add(words[3]),
                        }
            ),
            ("drop", "column") => state.With(words[2], table => WithoutColumn(table, words[3])),
            ("create", "trigger") => state.With(
                words[2],
                table => table with { Triggers = table.Triggers.SetItem(words[3], Expression(statement)) }
            ),
            ("drop", "trigger") => state.With(
                words[2],
                table => table with { Triggers = table.Triggers.Remove(words[3]) }
            ),
            ("create", "table") => state with { Tables = state.Tables.SetItem(words[2], New(int.Parse(words[3]))) },
            ("move", "table") => state with
            {
                Tables = state.Tables.Remove(words[2]).Add(words[3], state.Table(words[2])),
            },
            ("drop", "table") => state with { Tables = state.Tables.Remove(words[2]) },
            ("fill", _) => state.With(
                words[1],
                table =>
                {
                    MemoryFill fill = new(statement, table);
                    return fill.Filled([.. fill.Unfilled(KeyRange.All)]);
                }
            ),
            ("require", _) => state.With(words[1], table => Require(table, words[2])),
            ("create", "index") => state.With(words[3], table => Build(table, words)),
            ("drop", "index") => state with
            {
                Tables = state.Tables.SetItems(
                    state.Tables.Select(each =>
                        KeyValuePair.Create(each.Key, each.Value with { Indexes = each.Value.Indexes.Remove(words[2]) })
                    )
                ),
            },
            _ => throw MemoryException.Permanent($"Nobody knows what this is: {statement}"),
        };
    }

    /// <summary>What a long statement shows as soon as it has begun.</summary>
    public static MemoryState Begin(MemoryState state, string statement) =>
        statement.Split(' ') is ["create", "index", var name, var on, var column, .. var kind]
            ? state.With(
                on,
                table =>
                    table with
                    {
                        Indexes = table.Indexes.Add(name, new MemoryIndex(column, kind is ["unique"], IsValid: false)),
                    }
            )
            : state;

    public static bool Ask(MemoryState state, string question) =>
        question
            .Split(" or ")
            .Any(each =>
                each.Split(" and ")
                    .All(part => part.StartsWith("no ") ? !AskOne(state, part[3..]) : AskOne(state, part))
            );

    public static IReadOnlyList<string> Fingerprint(MemoryState state) =>
        [
            .. state.Tables.SelectMany(table =>
                table.Value.Columns.Select(column => $"column {table.Key} {column}").Prepend($"table {table.Key}")
            ),
        ];

    /// <summary>What stands behind "=".</summary>
    public static string Expression(string statement) => statement[(statement.IndexOf('=') + 1)..].Trim();

    private static bool AskOne(MemoryState state, string question)
    {
        string[] words = question.Split(' ');
        MemoryTable? table = state.Tables.GetValueOrDefault(words[1]);
        return words[0] switch
        {
            "true" => true,
            "table" => table is not null,
            "column" => table?.Columns.Contains(words[2]) == true,
            "trigger" => table?.Triggers.ContainsKey(words[2]) == true,
            "required" => table?.Required.Contains(words[2]) == true,
            "index" => state.Tables.Values.Any(each => each.Indexes.GetValueOrDefault(words[1]) is { IsValid: true }),
            "residue" => state.Tables.Values.Any(each =>
                each.Indexes.GetValueOrDefault(words[1]) is { IsValid: false }
            ),
            _ => throw MemoryException.Permanent($"Nobody can answer this: {question}"),
        };
    }

    /// <summary>With keys from 1, and the same number as the amount.</summary>
    private static MemoryTable New(int rows) =>
        new()
        {
            Columns = ["amount"],
            Rows = ImmutableSortedDictionary.CreateRange(
                Enumerable.Range(1, rows).Select(n => KeyValuePair.Create((long)n, MemoryRow.Empty.With("amount", n)))
            ),
        };

    private static MemoryTable WithoutColumn(MemoryTable table, string column) =>
        table with
        {
            Columns = table.Columns.Remove(column),
            Required = table.Required.Remove(column),
            Indexes = table.Indexes.RemoveRange(
                table.Indexes.Where(index => index.Value.Column == column).Select(index => index.Key)
            ),
            Rows = table.Rows.SetItems(
                table.Rows.Select(row => KeyValuePair.Create(row.Key, row.Value.With(column, null)))
            ),
        };

    private static MemoryTable Require(MemoryTable table, string column) =>
        table.Rows.Values.All(row => row.Of(column) is not null)
            ? table with
            {
                Required = table.Required.Add(column),
            }
            : throw MemoryException.Rows($"Column {column} holds NULL.");

    private static MemoryTable Build(MemoryTable table, string[] words)
    {
        MemoryIndex index = new(words[4], words is [.., "unique"], IsValid: true);
        long?[] values = [.. table.Rows.Values.Select(row => row.Of(index.Column)).Where(value => value is not null)];
        return index.IsUnique && values.Distinct().Count() < values.Length
            ? throw MemoryException.Rows($"Column {index.Column} holds a value twice.")
            : table with
            {
                Indexes = table.Indexes.SetItem(words[2], index),
            };
    }
}

using System.Collections.Immutable;

namespace Segue.Tests.Memory;

/// <summary>A table whose rows have numbers as keys and as values.</summary>
internal sealed record MemoryTable
{
    public const string Key = "id";

    public ImmutableSortedDictionary<long, MemoryRow> Rows { get; init; } =
        ImmutableSortedDictionary<long, MemoryRow>.Empty;

    /// <summary>Without the key.</summary>
    public ImmutableSortedSet<string> Columns { get; init; } = [];

    /// <summary>NOT NULL.</summary>
    public ImmutableSortedSet<string> Required { get; init; } = [];

    /// <summary>Columns that a trigger computes for new rows, and how.</summary>
    public ImmutableSortedDictionary<string, string> Triggers { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, MemoryIndex> Indexes { get; init; } =
        ImmutableSortedDictionary<string, MemoryIndex>.Empty;

    /// <summary>Another one once somebody has rewritten the table.</summary>
    public long Generation { get; init; }

    /// <summary>As an app writes a row.</summary>
    public MemoryTable Write(long key, string column, long? value)
    {
        MemoryRow row = Rows.GetValueOrDefault(key, MemoryRow.Empty).With(column, value);
        if (!Rows.ContainsKey(key))
        {
            row = Triggers.Aggregate(row, (filled, each) => filled.With(each.Key, filled.Compute(key, each.Value)));
        }

        return Required.All(required => row.Of(required) is not null)
            ? this with
            {
                Rows = Rows.SetItem(key, row),
            }
            : throw MemoryException.Rows("a value is NULL in a column that is NOT NULL");
    }
}

/// <param name="IsValid">False while it is built, and after a build that failed.</param>
internal sealed record MemoryIndex(string Column, bool IsUnique, bool IsValid);

internal sealed record MemoryRow(ImmutableSortedDictionary<string, long> Values)
{
    public static MemoryRow Empty { get; } = new(ImmutableSortedDictionary<string, long>.Empty);

    public long? Of(string column) => Values.TryGetValue(column, out long value) ? value : null;

    public MemoryRow With(string column, long? value) =>
        new(value is { } known ? Values.SetItem(column, known) : Values.Remove(column));

    public long? Compute(long key, string expression) =>
        Expression.Of(expression, column => column == MemoryTable.Key ? key : Of(column));
}

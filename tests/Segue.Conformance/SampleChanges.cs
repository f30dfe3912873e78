using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Conformance;

/// <summary>Changes of the table <c>items</c>, in words that every engine understands.</summary>
public static class SampleChanges
{
    public const string Name = "0001_sample";

    /// <summary>A column that is filled with twice the amount.</summary>
    public const string Column = """
        operations:
          - add_column: { table: items, name: code, type: bigint, nullable: false, backfill: amount * 2 }
        """;

    /// <summary>The same, with an expression that raises an error for the row with the amount 7.</summary>
    public const string FailingColumn = """
        operations:
          - add_column: { table: items, name: code, type: bigint, backfill: amount * 2 + 0 / (amount - 7) }
        """;

    public const string Index = """
        operations:
          - create_index: { table: items, name: items_amount, columns: [amount] }
        """;

    /// <summary>Both, so that every kind of step is in it.</summary>
    public const string ColumnAndIndex = """
        operations:
          - add_column: { table: items, name: code, type: bigint, nullable: false, backfill: amount * 2 }
          - create_index: { table: items, name: items_amount, columns: [amount] }
        """;

    public const string UniqueIndex = """
        operations:
          - create_index: { table: items, name: items_amount, columns: [amount], unique: true }
        """;

    public const string Drop = """
        operations:
          - drop_table: { table: items, keep: 2d }
        """;

    /// <summary>What the change file says.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static Change Read(string file, string name = Name) =>
        ChangeFileReader.ReadText($"{name}.yaml", file) switch
        {
            ChangeFileResult.Read read => read.Change,
            ChangeFileResult.Invalid invalid => throw new InvalidOperationException(string.Join('\n', invalid.Errors)),
            _ => throw new InvalidOperationException(),
        };
}

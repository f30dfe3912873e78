namespace Segue.Tests.Memory;

/// <summary>Schema and rows in lines.</summary>
internal static class MemoryDescription
{
    public static IReadOnlyList<string> SchemaOf(MemoryState state) =>
        [
            .. state.Tables.SelectMany(table =>
                (IEnumerable<string>)
                    [
                        $"table {table.Key}",
                        .. table.Value.Columns.Select(column =>
                            $"column {table.Key} {column} {table.Value.Required.Contains(column)}"
                        ),
                        .. table.Value.Indexes.Select(index => $"index {index.Key} {index.Value}"),
                        .. table.Value.Triggers.Select(trigger => $"trigger {trigger}"),
                    ]
            ),
        ];

    public static IReadOnlyList<string> RowsOf(MemoryState state) =>
        [
            .. state.Tables.SelectMany(table =>
                table.Value.Rows.Select(row => $"{table.Key} {row.Key} {string.Join(", ", row.Value.Values)}")
            ),
        ];
}

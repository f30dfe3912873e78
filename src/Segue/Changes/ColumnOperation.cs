namespace Segue.Changes;

/// <summary>An operation about one column. All of a table are planned together.</summary>
public abstract record ColumnOperation : TableOperation
{
    /// <summary>The column's exact name (not SQL-quoted).</summary>
    public required string Name { get; init; }
}

namespace Segue.Changes;

/// <summary>Deletes rows of a table, in small batches.</summary>
public sealed record PruneRows : TableOperation
{
    /// <summary>A boolean SQL expression: which rows.</summary>
    public required string Where { get; init; }

    /// <summary>
    /// A table with the same columns, which gets the rows in the transaction that deletes them. Default: none.
    /// </summary>
    public TableName? Archive { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Once(Where);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"prune {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

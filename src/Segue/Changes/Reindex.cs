namespace Segue.Changes;

/// <summary>Rebuilds an index, or all indexes of a table.</summary>
public sealed record Reindex : Operation
{
    /// <summary>Excludes <see cref="Table"/>.</summary>
    public TableName? Index { get; init; }

    /// <summary>All its indexes.</summary>
    public TableName? Table { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"reindex {Index ?? Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Drops an index, once no code needs it any more.</summary>
public sealed record DropIndex : Operation
{
    /// <summary>The index.</summary>
    public required TableName Index { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"drop_index {Index}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

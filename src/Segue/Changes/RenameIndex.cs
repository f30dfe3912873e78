namespace Segue.Changes;

/// <summary>Renames an index, and a constraint that it serves.</summary>
public sealed record RenameIndex : Operation
{
    /// <summary>The index.</summary>
    public required TableName Index { get; init; }

    /// <summary>The new name, in the same schema.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"rename_index {Index}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Renames a constraint, and the index that serves it.</summary>
public sealed record RenameConstraint : TableOperation
{
    /// <summary>The name as it is.</summary>
    public required string Name { get; init; }

    /// <summary>The name as it is to be.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"rename_constraint {Table}.{Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

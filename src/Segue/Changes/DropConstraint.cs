namespace Segue.Changes;

/// <summary>Drops a constraint, once no running version of the app relies on it.</summary>
public sealed record DropConstraint : TableOperation
{
    /// <summary>The exact name.</summary>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"drop_constraint {Table}.{Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

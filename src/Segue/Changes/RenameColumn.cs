namespace Segue.Changes;

/// <summary>
/// Renames a column; until the change is completed it has both names, and what is written to one is in the other.
/// </summary>
public sealed record RenameColumn : TableOperation
{
    /// <summary>The column's exact name (not SQL-quoted).</summary>
    public required string Name { get; init; }

    /// <summary>The new name.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Lasting(Name);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"rename_column {Table}.{Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

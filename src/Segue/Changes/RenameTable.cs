namespace Segue.Changes;

/// <summary>Renames a table; the old name still works until no running version of the app uses it.</summary>
public sealed record RenameTable : TableOperation
{
    /// <summary>The new name, in the same schema.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"rename_table {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Drops a column, once no code uses it; for a while it can be restored with its values.</summary>
public sealed record DropColumn : TableOperation
{
    /// <summary>The column's exact name (not SQL-quoted).</summary>
    public required string Name { get; init; }

    /// <summary>
    /// An SQL expression that new code's rows get as a default until the column is dropped. Excludes
    /// <see cref="Down"/>.
    /// </summary>
    public string? Default { get; init; }

    /// <summary>
    /// An SQL expression over the new row, for new code's rows until the change is completed. Excludes
    /// <see cref="Default"/>.
    /// </summary>
    public string? Down { get; init; }

    /// <summary>How long it is kept; zero drops it at once.</summary>
    public TimeSpan Keep { get; init; } = DropTable.DefaultKeep;

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Once(Default, Down);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"drop_column {Table}.{Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

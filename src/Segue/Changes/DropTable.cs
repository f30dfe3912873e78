namespace Segue.Changes;

/// <summary>Drops a table, once no code uses it; for a while it can be restored.</summary>
public sealed record DropTable : TableOperation
{
    /// <summary>How long a dropped table is kept where the file does not say: 7 days.</summary>
    public static TimeSpan DefaultKeep { get; } = TimeSpan.FromDays(7);

    /// <summary>How long it is kept.</summary>
    public TimeSpan Keep { get; init; } = DefaultKeep;

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"drop_table {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

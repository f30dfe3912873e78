namespace Segue.Changes;

/// <summary>Drops a table, once no code uses it; for a while it can be restored.</summary>
public sealed record DropTable : TableOperation
{
    public static TimeSpan DefaultKeep { get; } = TimeSpan.FromDays(7);

    /// <summary>How long it is kept.</summary>
    public TimeSpan Keep { get; init; } = DefaultKeep;

    public override string Title => $"drop_table {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

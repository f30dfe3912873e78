namespace Segue.Changes;

/// <summary>A table goes, once nobody uses it; for a while it can be brought back.</summary>
public sealed record DropTable : TableOperation
{
    public static TimeSpan DefaultKeep { get; } = TimeSpan.FromDays(7);

    /// <summary>How long it is kept aside.</summary>
    public TimeSpan Keep { get; init; } = DefaultKeep;

    public override string Title => $"drop_table {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

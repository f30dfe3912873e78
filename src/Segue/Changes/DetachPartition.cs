namespace Segue.Changes;

/// <summary>Detaches a partition, once no running version of the app needs its rows in the root.</summary>
public sealed record DetachPartition : TableOperation
{
    /// <summary>The partition.</summary>
    public required TableName Partition { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"detach_partition {Partition} of {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Attaches a table as a partition of another.</summary>
public sealed record AttachPartition : TableOperation
{
    /// <summary>The table to attach.</summary>
    public required TableName Partition { get; init; }

    /// <summary>Its bound as in SQL, after FOR VALUES; null for the default partition.</summary>
    public string? Values { get; init; }

    /// <summary>It takes the rows that no other partition takes.</summary>
    public bool Default { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"attach_partition {Partition} to {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

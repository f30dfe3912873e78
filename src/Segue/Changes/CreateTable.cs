namespace Segue.Changes;

/// <summary>A new table, with everything that belongs to it.</summary>
public sealed record CreateTable : TableOperation
{
    /// <summary>What a new column of an existing table would be, without what fills one.</summary>
    public required ValueList<AddColumn> Columns { get; init; }

    /// <summary>Its columns; empty for none.</summary>
    public ValueList<string> PrimaryKey { get; init; } = [];

    /// <summary>
    /// What each would be on an existing table: <see cref="AddCheck"/>, <see cref="AddUnique"/>,
    /// <see cref="AddForeignKey"/> or <see cref="AddExclusion"/>.
    /// </summary>
    public ValueList<TableOperation> Constraints { get; init; } = [];

    public ValueList<CreateIndex> Indexes { get; init; } = [];

    /// <summary>Null for a table that is not partitioned.</summary>
    public PartitionKey? PartitionBy { get; init; }

    public ValueList<NewPartition> Partitions { get; init; } = [];

    /// <summary>Faster to write, not replicated, and empty after a crash.</summary>
    public bool Unlogged { get; init; }

    /// <summary>Storage parameters, e.g. <c>fillfactor</c>.</summary>
    public IReadOnlyDictionary<string, string> With { get; init; } = new Dictionary<string, string>();

    public string? Tablespace { get; init; }

    public string? Comment { get; init; }

    public override string Title => $"create_table {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>What decides in which partition a row is.</summary>
/// <param name="Columns">Columns or expressions, in order; their order and nulls say nothing here.</param>
public sealed record PartitionKey(PartitionMethod Method, ValueList<IndexPart> Columns);

public enum PartitionMethod
{
    Range,
    List,
    Hash,
}

/// <summary>A partition that comes with its table. Which of its bounds count, the table's method says.</summary>
public sealed record NewPartition
{
    /// <summary>Default schema: the table's.</summary>
    public required TableName Name { get; init; }

    /// <summary>SQL expressions, one per key: the first value inside.</summary>
    public ValueList<string> From { get; init; } = [];

    /// <summary>The first value beyond it.</summary>
    public ValueList<string> To { get; init; } = [];

    /// <summary>SQL expressions: the values of a list.</summary>
    public ValueList<string> In { get; init; } = [];

    public long? Modulus { get; init; }

    public long Remainder { get; init; }

    /// <summary>Takes what no other partition does.</summary>
    public bool Default { get; init; }
}

namespace Segue.Changes;

/// <summary>Creates a table, with everything that belongs to it.</summary>
public sealed record CreateTable : TableOperation
{
    /// <summary>A column as <see cref="AddColumn"/> describes it, without a fill.</summary>
    public required ValueList<AddColumn> Columns { get; init; }

    /// <summary>Its columns; empty for none.</summary>
    public ValueList<string> PrimaryKey { get; init; } = [];

    /// <summary>
    /// Each as on an existing table: <see cref="AddCheck"/>, <see cref="AddUnique"/>, <see cref="AddForeignKey"/> or
    /// <see cref="AddExclusion"/>.
    /// </summary>
    public ValueList<TableOperation> Constraints { get; init; } = [];

    /// <summary>Its indexes. Default none.</summary>
    public ValueList<CreateIndex> Indexes { get; init; } = [];

    /// <summary>Null for a table that is not partitioned.</summary>
    public PartitionKey? PartitionBy { get; init; }

    /// <summary>Its first partitions. Default none.</summary>
    public ValueList<NewPartition> Partitions { get; init; } = [];

    /// <summary>Faster to write, not replicated, and empty after a crash.</summary>
    public bool Unlogged { get; init; }

    /// <summary>Storage parameters, e.g. <c>fillfactor</c>.</summary>
    public IReadOnlyDictionary<string, string> With { get; init; } = new Dictionary<string, string>();

    /// <summary>The tablespace; null for the default one.</summary>
    public string? Tablespace { get; init; }

    /// <summary>The comment; null for none.</summary>
    public string? Comment { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads =>
        [.. Columns.SelectMany(column => column.Reads), .. Constraints.SelectMany(each => each.Reads)];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"create_table {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>How rows are divided among partitions.</summary>
/// <param name="Columns">Columns or expressions, in order; sort order and NULLs have no meaning here.</param>
public sealed record PartitionKey(PartitionMethod Method, ValueList<IndexPart> Columns);

/// <summary>How rows are assigned to partitions.</summary>
public enum PartitionMethod
{
    /// <summary>By ranges of the key.</summary>
    Range,

    /// <summary>By lists of values.</summary>
    List,

    /// <summary>By a hash of the key.</summary>
    Hash,
}

/// <summary>A partition that is created with its table. The table's method decides which bounds apply.</summary>
public sealed record NewPartition
{
    /// <summary>Default schema: that of the table.</summary>
    public required TableName Name { get; init; }

    /// <summary>SQL expressions, one per key: the first value of the partition.</summary>
    public ValueList<string> From { get; init; } = [];

    /// <summary>The first value after the partition.</summary>
    public ValueList<string> To { get; init; } = [];

    /// <summary>SQL expressions: the values of a list.</summary>
    public ValueList<string> In { get; init; } = [];

    /// <summary>The modulus of a hash partition; null for other methods.</summary>
    public long? Modulus { get; init; }

    /// <summary>The remainder of a hash partition.</summary>
    public long Remainder { get; init; }

    /// <summary>Takes the rows that no other partition takes.</summary>
    public bool Default { get; init; }
}

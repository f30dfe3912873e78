namespace Segue.Changes;

/// <summary>Creates an index while apps read and write.</summary>
public sealed record CreateIndex : TableOperation
{
    /// <summary>Default: the server's name for an index without a name.</summary>
    public string? Name { get; init; }

    /// <summary>What is indexed, in order.</summary>
    public required ValueList<IndexPart> Columns { get; init; }

    /// <summary>The access method. Default: the server's (<c>btree</c>).</summary>
    public string? Method { get; init; }

    /// <summary>Whether no two rows may be equal. Default false.</summary>
    public bool Unique { get; init; }

    /// <summary>Two NULLs count as the same value. Needs <see cref="Unique"/>.</summary>
    public bool NullsNotDistinct { get; init; }

    /// <summary>Additional columns that the index stores.</summary>
    public ValueList<string> Include { get; init; } = [];

    /// <summary>A boolean SQL expression: only rows that satisfy it are indexed.</summary>
    public string? Where { get; init; }

    /// <summary>Storage parameters, e.g. <c>fillfactor</c>.</summary>
    public IReadOnlyDictionary<string, string> With { get; init; } = new Dictionary<string, string>();

    /// <summary>The tablespace; null for the default one.</summary>
    public string? Tablespace { get; init; }

    private ValueList<string?> Keys => [.. Columns.Select(part => part.Column)];

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads =>
        ColumnReading.Lasting([.. Columns.Select(part => part.ToString()), .. Include, Where]);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates =>
        Where is not null ? [] : [Unique ? new Creation.Key(Keys) : new Creation.Index(Keys)];

    /// <inheritdoc/>
    public override string Title => $"create_index {Name ?? string.Join(", ", Columns)} on {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>One key of an index: a column or an expression, and how it is ordered.</summary>
public sealed record IndexPart
{
    /// <summary>The exact name. Excludes <see cref="Expression"/>.</summary>
    public string? Column { get; init; }

    /// <summary>An SQL expression over the row.</summary>
    public string? Expression { get; init; }

    /// <summary>Default: the collation of the column.</summary>
    public string? Collation { get; init; }

    /// <summary>
    /// As in SQL, parameters included, e.g. <c>text_pattern_ops</c> or <c>gist_trgm_ops(siglen=32)</c>. Default: the
    /// operator class of the type.
    /// </summary>
    public string? OpClass { get; init; }

    /// <summary>The order. Default: ascending.</summary>
    public SortOrder Order { get; init; }

    /// <summary>Default: last in ascending order, first in descending order.</summary>
    public NullsOrder? Nulls { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Column ?? Expression!;
}

/// <summary>The order of an index column.</summary>
public enum SortOrder
{
    /// <summary>Ascending.</summary>
    Asc,

    /// <summary>Descending.</summary>
    Desc,
}

/// <summary>Where NULL is sorted.</summary>
public enum NullsOrder
{
    /// <summary>Before all values.</summary>
    First,

    /// <summary>After all values.</summary>
    Last,
}

namespace Segue.Changes;

/// <summary>
/// Changes attributes of an existing column, as far as old and new code can both use the table meanwhile.
/// </summary>
public sealed record AlterColumn : ColumnOperation
{
    /// <summary>A wider type, as in the engine's SQL. Default: unchanged.</summary>
    public string? Type { get; init; }

    /// <summary>The collation's name, optionally with its schema. Default: unchanged.</summary>
    public string? Collation { get; init; }

    /// <summary>False: NOT NULL; true: NULL is allowed. Default: unchanged.</summary>
    public bool? Nullable { get; init; }

    /// <summary>An SQL expression over the row that replaces NULLs. Needs <see cref="Nullable"/> false.</summary>
    public string? Backfill { get; init; }

    /// <summary>An SQL expression for new rows. Default: unchanged.</summary>
    public string? Default { get; init; }

    /// <summary>Drops the default: new rows without a value get NULL. Excludes <see cref="Default"/>.</summary>
    public bool DropDefault { get; init; }

    /// <summary>Default: unchanged.</summary>
    public string? Comment { get; init; }

    /// <summary>Excludes <see cref="Comment"/>.</summary>
    public bool DropComment { get; init; }

    /// <summary>Statistics target, 0 to 10000; -1 for the server's default. Default: unchanged.</summary>
    public long? Statistics { get; init; }

    /// <summary>How values are stored from now on. Default: unchanged.</summary>
    public ColumnStorage? Storage { get; init; }

    /// <summary>Compression method from now on. Default: unchanged.</summary>
    public ColumnCompression? Compression { get; init; }

    /// <summary>
    /// Applications, by the name their sessions report, whose sessions are ended when the type changes. Default: none.
    /// </summary>
    public ValueList<string> EndSessionsOf { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Once(Backfill, Default);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"alter_column {Table}.{Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>How wide values are stored.</summary>
public enum ColumnStorage
{
    /// <summary>In line, never compressed.</summary>
    Plain,

    /// <summary>Out of line, not compressed.</summary>
    External,

    /// <summary>Compressed, then out of line.</summary>
    Extended,

    /// <summary>Compressed, out of line only at need.</summary>
    Main,
}

/// <summary>How wide values are compressed.</summary>
public enum ColumnCompression
{
    /// <summary>By the server's setting.</summary>
    Default,

    /// <summary>By pglz.</summary>
    Pglz,

    /// <summary>By LZ4.</summary>
    Lz4,
}

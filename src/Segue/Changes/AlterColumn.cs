namespace Segue.Changes;

/// <summary>
/// An existing column gets other attributes, as far as old and new code can both live with the table meanwhile.
/// </summary>
public sealed record AlterColumn : TableOperation
{
    /// <summary>The column's exact name (not SQL-quoted).</summary>
    public required string Name { get; init; }

    /// <summary>A wider type, as one writes it in the engine's SQL. Default: stays.</summary>
    public string? Type { get; init; }

    /// <summary>The collation's name, optionally with its schema. Default: stays.</summary>
    public string? Collation { get; init; }

    /// <summary>False: NOT NULL; true: NULL becomes allowed. Default: stays.</summary>
    public bool? Nullable { get; init; }

    /// <summary>
    /// An SQL expression over the row that takes the place of NULLs. Needs <see cref="Nullable"/> false.
    /// </summary>
    public string? Backfill { get; init; }

    /// <summary>An SQL expression for new rows. Default: stays.</summary>
    public string? Default { get; init; }

    /// <summary>New rows get NULL where they give nothing. Excludes <see cref="Default"/>.</summary>
    public bool DropDefault { get; init; }

    /// <summary>Default: stays.</summary>
    public string? Comment { get; init; }

    /// <summary>Excludes <see cref="Comment"/>.</summary>
    public bool DropComment { get; init; }

    /// <summary>
    /// How many values the server's statistics keep, 0 to 10000; -1 for the server's default. Default: stays.
    /// </summary>
    public long? Statistics { get; init; }

    /// <summary>How long values are stored from now on. Default: stays.</summary>
    public ColumnStorage? Storage { get; init; }

    /// <summary>By what method long values are compressed from now on. Default: stays.</summary>
    public ColumnCompression? Compression { get; init; }

    /// <summary>
    /// Applications, by the name their sessions report, whose sessions are ended when the type changes. Default: none.
    /// </summary>
    public ValueList<string> EndSessionsOf { get; init; } = [];

    public override string Title => $"alter_column {Table}.{Name}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

public enum ColumnStorage
{
    Plain,
    External,
    Extended,
    Main,
}

public enum ColumnCompression
{
    Default,
    Pglz,
    Lz4,
}

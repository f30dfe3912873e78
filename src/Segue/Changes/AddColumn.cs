namespace Segue.Changes;

/// <summary>Adds a column, with everything that belongs to it.</summary>
public sealed record AddColumn : ColumnOperation
{
    /// <summary>The type as in the engine's SQL, e.g. <c>numeric(12,2)</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The collation's name, optionally with its schema; default: the type's own.</summary>
    public string? Collation { get; init; }

    /// <summary>
    /// False: NOT NULL; then one of default, backfill, derive, identity and generated is required. Default true. The
    /// server makes an identity column NOT NULL even so.
    /// </summary>
    public bool Nullable { get; init; } = true;

    /// <summary>An SQL expression for new rows; default none.</summary>
    public string? Default { get; init; }

    /// <summary>An SQL expression over the row that gives existing rows their initial value.</summary>
    public string? Backfill { get; init; }

    /// <summary>
    /// An SQL expression over the row. While old code runs the column always equals it. Excludes
    /// <see cref="Backfill"/>.
    /// </summary>
    public string? Derive { get; init; }

    /// <summary>A boolean SQL expression every row must satisfy.</summary>
    public string? Check { get; init; }

    /// <summary>A foreign key to a parent table; default none.</summary>
    public ForeignKeyReference? References { get; init; }

    /// <summary>No two rows share a value; default false. It has an index of its own.</summary>
    public bool Unique { get; init; }

    /// <summary>An index on the column; default false.</summary>
    public bool Index { get; init; }

    /// <summary>The comment the server keeps with the column; default none.</summary>
    public string? Comment { get; init; }

    /// <summary>The server generates numbers. Excludes default, backfill, derive and generated.</summary>
    public IdentityColumn? Identity { get; init; }

    /// <summary>Computed by the server. Excludes default, backfill, derive and identity.</summary>
    public GeneratedColumn? Generated { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads =>
        [.. ColumnReading.Once(Default, Backfill, Derive), .. ColumnReading.Lasting(Check, Generated?.Expression)];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates =>
        Unique ? [new Creation.Key([Name])]
        : Index ? [new Creation.Index([Name])]
        : [];

    /// <inheritdoc/>
    public override string Title => $"add_column {Table}.{Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

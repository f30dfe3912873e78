namespace Segue.Changes;

/// <summary>A new column, with everything that belongs to it.</summary>
public sealed record AddColumn : Operation
{
    /// <summary>The column's exact name (not SQL-quoted).</summary>
    public required string Name { get; init; }

    /// <summary>The type as one writes it in the engine's SQL, e.g. <c>numeric(12,2)</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The collation's name, optionally with its schema; default: the type's own.</summary>
    public string? Collation { get; init; }

    /// <summary>Default true.</summary>
    public bool Nullable { get; init; } = true;

    /// <summary>An SQL expression for new rows; default none.</summary>
    public string? Default { get; init; }

    /// <summary>An SQL expression over the row that gives existing rows their initial value.</summary>
    public string? Backfill { get; init; }

    /// <summary>An SQL expression over the row that the column always equals while old code runs. Excludes <see cref="Backfill"/>.</summary>
    public string? Derive { get; init; }

    /// <summary>A boolean SQL expression every row must satisfy.</summary>
    public string? Check { get; init; }

    public ForeignKeyReference? References { get; init; }

    public bool Unique { get; init; }

    public bool Index { get; init; }

    public string? Comment { get; init; }

    public IdentityColumn? Identity { get; init; }

    public GeneratedColumn? Generated { get; init; }

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

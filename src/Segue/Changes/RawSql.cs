namespace Segue.Changes;

/// <summary>A statement of the author's own, with declared effects.</summary>
public sealed record RawSql : Operation
{
    /// <summary>One SQL statement.</summary>
    public required string Up { get; init; }

    /// <summary>
    /// The statement that undoes it completely. Default: none; then it runs last, when the change cannot be rolled back
    /// any more.
    /// </summary>
    public string? Down { get; init; }

    /// <summary>Locks and work of it, or of <see cref="Down"/>. Default: none.</summary>
    public ValueList<DeclaredEffect> Effect { get; init; } = [];

    /// <summary>The condition for running it, shown at the gate. Default: no gate.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>A query with one boolean: has it run? Default: the ledger's record, which commits with it.</summary>
    public string? Applied { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Lasting(Up);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title =>
        $"sql {(Up.Length > 40 ? Up[..40].ReplaceLineEndings(" ") + "..." : Up.ReplaceLineEndings(" "))}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>The effect of a statement on one table.</summary>
public sealed record DeclaredEffect
{
    /// <summary>The table.</summary>
    public required TableName Table { get; init; }

    /// <summary>The engine's own name of the lock.</summary>
    public required string Lock { get; init; }

    /// <summary>Default: catalog only.</summary>
    public DeclaredWork Work { get; init; }
}

/// <summary>Work that grows with the table.</summary>
public enum DeclaredWork
{
    /// <summary>No work on rows.</summary>
    None,

    /// <summary>Every row is read.</summary>
    Scan,

    /// <summary>An index is built.</summary>
    Build,

    /// <summary>Every row is written.</summary>
    Rewrite,
}

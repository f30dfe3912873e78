namespace Segue.Changes;

/// <summary>A statement of the author's own, with what it does declared.</summary>
public sealed record RawSql : Operation
{
    /// <summary>One SQL statement.</summary>
    public required string Up { get; init; }

    /// <summary>
    /// The statement that takes all of it back. Default: none; then it comes last, when nothing is taken back any more.
    /// </summary>
    public string? Down { get; init; }

    /// <summary>What it, or <see cref="Down"/>, locks and works on. Default: nothing.</summary>
    public ValueList<DeclaredEffect> Effect { get; init; } = [];

    /// <summary>What must be true before it runs, told at the gate. Default: no gate.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>
    /// A query with one boolean: has it run? Default: the ledger knows, whose record commits with it.
    /// </summary>
    public string? Applied { get; init; }

    public override string Title =>
        $"sql {(Up.Length > 40 ? Up[..40].ReplaceLineEndings(" ") + "..." : Up.ReplaceLineEndings(" "))}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>What a statement does to one table.</summary>
public sealed record DeclaredEffect
{
    public required TableName Table { get; init; }

    /// <summary>The engine's own name of the lock, e.g. <c>access exclusive</c>.</summary>
    public required string Lock { get; init; }

    /// <summary>Default: the catalog alone is touched.</summary>
    public DeclaredWork Work { get; init; }
}

/// <summary>What grows with the table.</summary>
public enum DeclaredWork
{
    None,
    Scan,
    Build,
    Rewrite,
}

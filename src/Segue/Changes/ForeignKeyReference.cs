namespace Segue.Changes;

/// <summary>The parent side of a foreign key.</summary>
public sealed record ForeignKeyReference
{
    /// <summary>The table it refers to.</summary>
    public required TableName Table { get; init; }

    /// <summary>In the order of the referencing columns. Empty: the parent's primary key.</summary>
    public ValueList<string> Columns { get; init; } = [];

    /// <summary>What happens when the parent row is deleted. Default: no action.</summary>
    public ReferentialAction OnDelete { get; init; } = ReferentialAction.NoAction;

    /// <summary>What happens when the parent's key is updated. Default: no action.</summary>
    public ReferentialAction OnUpdate { get; init; } = ReferentialAction.NoAction;

    /// <summary>
    /// With on_delete set_null or set_default: the columns that are set. Empty: all columns of the key.
    /// </summary>
    public ValueList<string> OnDeleteColumns { get; init; } = [];

    /// <summary>How a key that is partly NULL is compared.</summary>
    public ForeignKeyMatch Match { get; init; }

    /// <summary>Whether its check can be deferred. Default false.</summary>
    public bool Deferrable { get; init; }

    /// <summary>Whether its check is deferred to the end of the transaction. Default false.</summary>
    public bool InitiallyDeferred { get; init; }
}

/// <summary>What happens to a child row when its parent is deleted.</summary>
public enum ReferentialAction
{
    /// <summary>An error, at the end of the statement or transaction.</summary>
    NoAction,

    /// <summary>An error, at once.</summary>
    Restrict,

    /// <summary>The same happens to the row.</summary>
    Cascade,

    /// <summary>The columns become NULL.</summary>
    SetNull,

    /// <summary>The columns get their defaults.</summary>
    SetDefault,
}

/// <summary>How NULLs count in a key of several columns.</summary>
public enum ForeignKeyMatch
{
    /// <summary>A row with one NULL needs no parent.</summary>
    Simple,

    /// <summary>Either all columns are NULL, or none.</summary>
    Full,
}

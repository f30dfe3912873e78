namespace Segue.Changes;

/// <summary>The parent side of a foreign key.</summary>
public sealed record ForeignKeyReference
{
    public required TableName Table { get; init; }

    /// <summary>In the order of the referencing columns. Empty: the parent's primary key.</summary>
    public ValueList<string> Columns { get; init; } = [];

    public ReferentialAction OnDelete { get; init; } = ReferentialAction.NoAction;

    public ReferentialAction OnUpdate { get; init; } = ReferentialAction.NoAction;

    /// <summary>
    /// With on_delete set_null or set_default: the columns that are set. Empty: all columns of the key. PostgreSQL 15.
    /// </summary>
    public ValueList<string> OnDeleteColumns { get; init; } = [];

    public ForeignKeyMatch Match { get; init; }

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }
}

/// <summary>What happens to a child row when its parent is deleted.</summary>
public enum ReferentialAction
{
    NoAction,
    Restrict,
    Cascade,
    SetNull,
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

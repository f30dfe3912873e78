namespace Segue.Changes;

/// <summary>The parent side of a foreign key.</summary>
public sealed record ForeignKeyReference
{
    public required TableName Table { get; init; }

    /// <summary>Default: the parent's primary key.</summary>
    public string? Column { get; init; }

    public ReferentialAction OnDelete { get; init; } = ReferentialAction.NoAction;

    public ReferentialAction OnUpdate { get; init; } = ReferentialAction.NoAction;

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }
}

/// <summary>What happens to a child row when its parent goes.</summary>
public enum ReferentialAction
{
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

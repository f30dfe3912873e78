namespace Segue.Changes;

/// <summary>A UNIQUE constraint on a table that has rows already.</summary>
public sealed record AddUnique : TableOperation
{
    /// <summary>Default: as the server names it.</summary>
    public string? Name { get; init; }

    public required ValueList<string> Columns { get; init; }

    /// <summary>Columns its index carries beside its keys.</summary>
    public ValueList<string> Include { get; init; } = [];

    /// <summary>Two NULLs count as the same value. PostgreSQL 15.</summary>
    public bool NullsNotDistinct { get; init; }

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }

    public override string Title => $"add_unique {Name ?? string.Join(", ", Columns)} on {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

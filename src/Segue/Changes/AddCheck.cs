namespace Segue.Changes;

/// <summary>A CHECK on a table that has rows already.</summary>
public sealed record AddCheck : TableOperation
{
    /// <summary>Default: as the server names it.</summary>
    public string? Name { get; init; }

    /// <summary>A boolean SQL expression over the row.</summary>
    public required string Check { get; init; }

    /// <summary>Child tables do not inherit it.</summary>
    public bool NoInherit { get; init; }

    public override string Title => $"add_check {Name ?? Check} on {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

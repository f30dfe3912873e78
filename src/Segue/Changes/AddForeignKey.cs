namespace Segue.Changes;

/// <summary>A foreign key on a table that has rows already.</summary>
public sealed record AddForeignKey : TableOperation
{
    /// <summary>Default: as the server names it.</summary>
    public string? Name { get; init; }

    /// <summary>The referencing columns.</summary>
    public required ValueList<string> Columns { get; init; }

    public required ForeignKeyReference References { get; init; }

    public override string Title => $"add_foreign_key {Name ?? string.Join(", ", Columns)} on {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Renames a constraint, and the index that serves it.</summary>
public sealed record RenameConstraint : TableOperation
{
    public required string Name { get; init; }

    public required string To { get; init; }

    public override string Title => $"rename_constraint {Table}.{Name}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

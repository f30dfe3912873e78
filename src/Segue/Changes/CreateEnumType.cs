namespace Segue.Changes;

/// <summary>A new enum type.</summary>
public sealed record CreateEnumType : Operation
{
    /// <summary>With its schema where it is not to be made in the first of the search path.</summary>
    public required TableName Name { get; init; }

    /// <summary>In the order they sort.</summary>
    public required ValueList<string> Labels { get; init; }

    public string? Comment { get; init; }

    public override string Title => $"create_enum {Name}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Drops an index, once no code needs it any more.</summary>
public sealed record DropIndex : Operation
{
    public required TableName Index { get; init; }

    public override string Title => $"drop_index {Index}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

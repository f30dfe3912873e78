namespace Segue.Changes;

/// <summary>Another index takes the place of one that stays until then.</summary>
public sealed record ReplaceIndex : Operation
{
    public required TableName Index { get; init; }

    /// <summary>
    /// What comes in its place; its table is the old one's. Without a name it gets the old one's in the end.
    /// </summary>
    public required CreateIndex By { get; init; }

    /// <summary>The old one stays until the server has used the new one.</summary>
    public bool UntilUsed { get; init; }

    public override string Title => $"replace_index {Index}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Replaces an index, which stays until the new one is built.</summary>
public sealed record ReplaceIndex : Operation
{
    /// <summary>The index that is replaced.</summary>
    public required TableName Index { get; init; }

    /// <summary>
    /// The new index; its table is that of the old one. Without a name it finally gets the name of the old one.
    /// </summary>
    public required CreateIndex By { get; init; }

    /// <summary>The old one stays until the server has used the new one.</summary>
    public bool UntilUsed { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => By.Reads;

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => By.Creates;

    /// <inheritdoc/>
    public override string Title => $"replace_index {Index}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Adds a label to an enum type. The server cannot remove it.</summary>
public sealed record AddEnumValue : Operation
{
    /// <summary>The enum type.</summary>
    public required TableName Type { get; init; }

    /// <summary>The new label.</summary>
    public required string Value { get; init; }

    /// <summary>The label that it precedes in sort order; default: it sorts last.</summary>
    public string? Before { get; init; }

    /// <summary>The label that it follows in sort order.</summary>
    public string? After { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"add_enum_value {Type}.{Value}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

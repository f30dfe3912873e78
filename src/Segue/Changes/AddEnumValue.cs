namespace Segue.Changes;

/// <summary>One more label of an enum type. The server cannot take it back.</summary>
public sealed record AddEnumValue : Operation
{
    public required TableName Type { get; init; }

    public required string Value { get; init; }

    /// <summary>The label it sorts right before; default: it sorts last.</summary>
    public string? Before { get; init; }

    /// <summary>The label it sorts right after.</summary>
    public string? After { get; init; }

    public override string Title => $"add_enum_value {Type}.{Value}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

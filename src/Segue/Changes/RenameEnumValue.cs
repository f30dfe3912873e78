namespace Segue.Changes;

/// <summary>Renames a label of an enum type, in every row at once.</summary>
public sealed record RenameEnumValue : Operation
{
    public required TableName Type { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public override string Title => $"rename_enum_value {Type}.{From}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

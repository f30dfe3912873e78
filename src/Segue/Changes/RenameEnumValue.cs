namespace Segue.Changes;

/// <summary>Renames a label of an enum type, in every row at once.</summary>
public sealed record RenameEnumValue : Operation
{
    /// <summary>The enum type.</summary>
    public required TableName Type { get; init; }

    /// <summary>The label as it is.</summary>
    public required string From { get; init; }

    /// <summary>The label as it is to be.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"rename_enum_value {Type}.{From}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Creates an enum type.</summary>
public sealed record CreateEnumType : Operation
{
    /// <summary>Without a schema it is created in the first schema of the search path.</summary>
    public required TableName Name { get; init; }

    /// <summary>In sort order.</summary>
    public required ValueList<string> Labels { get; init; }

    /// <summary>The comment; null for none.</summary>
    public string? Comment { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [new Creation.Type()];

    /// <inheritdoc/>
    public override string Title => $"create_enum {Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Adds a CHECK to a table that has rows.</summary>
public sealed record AddCheck : TableOperation
{
    /// <summary>Default: the server's name for it.</summary>
    public string? Name { get; init; }

    /// <summary>A boolean SQL expression over the row.</summary>
    public required string Check { get; init; }

    /// <summary>Child tables do not inherit it.</summary>
    public bool NoInherit { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Lasting(Check);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"add_check {Name ?? Check} on {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

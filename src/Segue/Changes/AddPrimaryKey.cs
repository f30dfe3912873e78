namespace Segue.Changes;

/// <summary>Adds a primary key to a table that has rows; its columns become NOT NULL first.</summary>
public sealed record AddPrimaryKey : TableOperation
{
    /// <summary>Default: the server's name for it.</summary>
    public string? Name { get; init; }

    /// <summary>The columns, in order.</summary>
    public required ValueList<string> Columns { get; init; }

    /// <summary>Additional columns that its index stores.</summary>
    public ValueList<string> Include { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Lasting([.. Columns, .. Include]);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [new Creation.Key([.. Columns])];

    /// <inheritdoc/>
    public override string Title => $"add_primary_key {Name ?? string.Join(", ", Columns)} on {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Adds a foreign key to a table that has rows.</summary>
public sealed record AddForeignKey : TableOperation
{
    /// <summary>Default: the server's name for it.</summary>
    public string? Name { get; init; }

    /// <summary>The referencing columns.</summary>
    public required ValueList<string> Columns { get; init; }

    /// <summary>What it refers to, and how.</summary>
    public required ForeignKeyReference References { get; init; }

    /// <summary>
    /// New values for rows without a parent: SQL expressions over the row, by column. Default: such rows are reported
    /// and stop the change.
    /// </summary>
    public IReadOnlyDictionary<string, string> Repair { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads =>
        [.. ColumnReading.Lasting(Columns), .. ColumnReading.Once(Repair.Values)];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"add_foreign_key {Name ?? string.Join(", ", Columns)} on {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>A foreign key on a table that has rows already.</summary>
public sealed record AddForeignKey : TableOperation
{
    /// <summary>Default: as the server names it.</summary>
    public string? Name { get; init; }

    /// <summary>The referencing columns.</summary>
    public required ValueList<string> Columns { get; init; }

    public required ForeignKeyReference References { get; init; }

    /// <summary>
    /// SQL expressions over the row for rows without a parent, by the column they are assigned to. Default: such rows
    /// are listed, and stop the change.
    /// </summary>
    public IReadOnlyDictionary<string, string> Repair { get; init; } = new Dictionary<string, string>();

    public override string Title => $"add_foreign_key {Name ?? string.Join(", ", Columns)} on {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

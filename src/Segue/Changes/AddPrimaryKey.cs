namespace Segue.Changes;

/// <summary>A primary key on a table that has rows already; its columns become NOT NULL first.</summary>
public sealed record AddPrimaryKey : TableOperation
{
    /// <summary>Default: as the server names it.</summary>
    public string? Name { get; init; }

    public required ValueList<string> Columns { get; init; }

    /// <summary>Columns its index carries beside its keys.</summary>
    public ValueList<string> Include { get; init; } = [];

    public override string Title => $"add_primary_key {Name ?? string.Join(", ", Columns)} on {Table}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

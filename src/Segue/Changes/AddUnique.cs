namespace Segue.Changes;

/// <summary>Adds a UNIQUE constraint to a table that has rows.</summary>
public sealed record AddUnique : TableOperation
{
    /// <summary>Default: the server's name for it.</summary>
    public string? Name { get; init; }

    /// <summary>The columns, in order.</summary>
    public required ValueList<string> Columns { get; init; }

    /// <summary>Additional columns that its index stores.</summary>
    public ValueList<string> Include { get; init; } = [];

    /// <summary>Two NULLs count as the same value.</summary>
    public bool NullsNotDistinct { get; init; }

    /// <summary>Whether its check can be deferred. Default false.</summary>
    public bool Deferrable { get; init; }

    /// <summary>Whether its check is deferred to the end of the transaction. Default false.</summary>
    public bool InitiallyDeferred { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Lasting([.. Columns, .. Include]);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [new Creation.Key([.. Columns])];

    /// <inheritdoc/>
    public override string Title => $"add_unique {Name ?? string.Join(", ", Columns)} on {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

namespace Segue.Changes;

/// <summary>Updates rows of an existing table, in small batches.</summary>
public sealed record BackfillRows : TableOperation
{
    /// <summary>SQL expressions over the row, by the column they are assigned to.</summary>
    public required IReadOnlyDictionary<string, string> Set { get; init; }

    /// <summary>A boolean SQL expression: which rows. Default: those that the assignments would change.</summary>
    public string? Where { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => ColumnReading.Once([.. Set.Keys, .. Set.Values, Where]);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"backfill {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

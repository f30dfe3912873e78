using System.Collections.ObjectModel;

namespace Segue.Changes;

/// <summary>Sets storage parameters and the comment of a table.</summary>
public sealed record SetOptions : TableOperation
{
    /// <summary>Parameters and their values, as the server names them.</summary>
    public IReadOnlyDictionary<string, string> Set { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Parameters to reset to the server's defaults.</summary>
    public ValueList<string> Reset { get; init; } = [];

    /// <summary>The new comment; null to leave it as it is.</summary>
    public string? Comment { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads => [];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"set_options {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

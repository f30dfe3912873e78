namespace Segue.Changes;

/// <summary>Adds an EXCLUDE constraint: no two rows may satisfy all its operators.</summary>
public sealed record AddExclusion : TableOperation
{
    /// <summary>Default: the server's name for it.</summary>
    public string? Name { get; init; }

    /// <summary>The index's access method. Default: <c>gist</c>.</summary>
    public string Method { get; init; } = "gist";

    /// <summary>Columns or expressions with their operators.</summary>
    public required ValueList<ExclusionElement> Elements { get; init; }

    /// <summary>Additional columns that its index stores.</summary>
    public ValueList<string> Include { get; init; } = [];

    /// <summary>A boolean SQL expression: only rows that satisfy it are compared.</summary>
    public string? Where { get; init; }

    /// <summary>Whether its check can be deferred. Default false.</summary>
    public bool Deferrable { get; init; }

    /// <summary>Whether its check is deferred to the end of the transaction. Default false.</summary>
    public bool InitiallyDeferred { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads =>
        ColumnReading.Lasting([.. Elements.Select(element => element.Part.ToString()), .. Include, Where]);

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title =>
        $"add_exclusion {Name ?? string.Join(", ", Elements.Select(element => element.Part))} on {Table}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <param name="Part">The compared value.</param>
/// <param name="Operator">As in SQL, e.g. <c>=</c> or <c>&amp;&amp;</c>.</param>
public sealed record ExclusionElement(IndexPart Part, string Operator);

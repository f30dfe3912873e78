namespace Segue.Engines;

/// <summary>How an engine divides a table's rows into ranges, for fills and for scans.</summary>
public interface IRanges
{
    /// <summary>How large ranges are.</summary>
    RangeSizes Sizes { get; }

    /// <summary>The table as it is now. Empty where there is no such table any more.</summary>
    Task<TableExtent> MeasureAsync(string relation, CancellationToken cancel);

    /// <summary>The beginning of a range that is not empty, of at most <paramref name="units"/>.</summary>
    ValueTask<RowRange> HeadAsync(string relation, RowRange range, long units, CancellationToken cancel);

    /// <summary>
    /// The whole range in parts of about the same size: about as many as <paramref name="parts"/>, or fewer where it
    /// is small.
    /// </summary>
    ValueTask<IReadOnlyList<RowRange>> SplitAsync(string relation, RowRange range, int parts, CancellationToken cancel);

    /// <summary>
    /// What the table, as it is now, holds behind a range; all of it where <paramref name="after"/> is null. Empty at
    /// the table's end.
    /// </summary>
    Task<RowRange> RemainingAsync(string relation, RowRange? after, CancellationToken cancel);
}

/// <summary>How large ranges are, in the engine's units: what it measured on its server.</summary>
public sealed record RangeSizes
{
    /// <summary>
    /// The largest group that is filled in several passes, for each session. A larger one is no faster, and a batch
    /// holds its row locks for longer.
    /// </summary>
    public required long LargestGroup { get; init; }

    /// <summary>The same while an app is active: the longer a batch, the longer the app waits for a core.</summary>
    public required long LargestGroupBesideApp { get; init; }

    /// <summary>The largest range that is filled in one pass: there may be little to write.</summary>
    public required long LargestRange { get; init; }

    /// <summary>
    /// A range in which a row raises an error is halved down to this size, and then filled around that row: what is
    /// held locked meanwhile stays little.
    /// </summary>
    public required long FewForFailures { get; init; }

    /// <summary>The first range of a scan.</summary>
    public required long FirstScan { get; init; }

    /// <summary>The first range of a scan beside an app.</summary>
    public required long FirstScanBesideApp { get; init; }

    /// <summary>The largest range of a scan.</summary>
    public required long LargestScan { get; init; }
}

/// <summary>A table when it was measured.</summary>
/// <param name="Whole">All of its rows.</param>
public sealed record TableExtent(RowRange Whole, long EstimatedRows)
{
    /// <summary>The first group that is filled: little enough to learn from how long a batch takes.</summary>
    public required long FirstGroup { get; init; }

    /// <summary>Into how many passes the rows of a smallest range can be divided. Default 1: it is not.</summary>
    public int MostPasses { get; init; } = 1;

    /// <summary>About how many rows a unit holds.</summary>
    public double RowsPerUnit => (double)EstimatedRows / Math.Max(1, Whole.Units);
}

namespace Segue.Ledger;

/// <summary>How far a backfill is, from committed batches.</summary>
public sealed record BackfillRecord
{
    public required string StepId { get; init; }

    public required string Relation { get; init; }

    /// <summary>The rows the table was believed to have when the backfill began.</summary>
    public long RowsTotal { get; init; }

    public long RowsDone { get; init; }

    public long BlocksTotal { get; init; }

    public long BlocksDone { get; init; }

    /// <summary>Blocks with rows that an app had locked, to be visited again.</summary>
    public long BlocksSkipped { get; init; }

    public double RowsPerSecond { get; init; }

    public bool Finished { get; init; }

    /// <summary>Rows that raise an error when they are to be filled, and were left as they are.</summary>
    public FailedRows Failed { get; init; } = FailedRows.None;
}

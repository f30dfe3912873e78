namespace Segue.Ledger;

/// <summary>How far a backfill is, from committed batches.</summary>
public sealed record BackfillRecord
{
    /// <summary>The step's id in the plan.</summary>
    public required string StepId { get; init; }

    /// <summary>The table or partition.</summary>
    public required string Relation { get; init; }

    /// <summary>The estimated rows of the table when the backfill began.</summary>
    public long RowsTotal { get; init; }

    /// <summary>How many rows are filled.</summary>
    public long RowsDone { get; init; }

    /// <summary>How large the table was then, in the units of its engine's ranges.</summary>
    public long UnitsTotal { get; init; }

    /// <summary>How many units are done.</summary>
    public long UnitsDone { get; init; }

    /// <summary>What was skipped because an app had rows of it locked, to be visited again.</summary>
    public long UnitsSkipped { get; init; }

    /// <summary>The last rate, in rows a second.</summary>
    public double RowsPerSecond { get; init; }

    /// <summary>Every row was seen.</summary>
    public bool Finished { get; init; }

    /// <summary>Rows whose fill raises an error; they were left as they are.</summary>
    public FailedRows Failed { get; init; } = FailedRows.None;
}

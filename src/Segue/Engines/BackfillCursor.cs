namespace Segue.Engines;

/// <summary>Position of a backfill. It commits with each batch, so a crash loses both or neither.</summary>
public sealed record BackfillCursor
{
    /// <summary>
    /// What the table held when the backfill began. Rows that appear later are filled by the trigger.
    /// </summary>
    public required RowRange Whole { get; init; }

    /// <summary>What of it is not filled yet, <see cref="Group"/> included; empty once the scan is through.</summary>
    public required RowRange Remaining { get; init; }

    /// <summary>The beginning of <see cref="Remaining"/>, being filled in passes; null between groups.</summary>
    public RowRange? Group { get; init; }

    /// <summary>The next pass within that group.</summary>
    public int Pass { get; init; }

    /// <summary>Number of passes over the group.</summary>
    public int Passes { get; init; }

    /// <summary>Ranges in which an app had locked rows.</summary>
    public IReadOnlyList<RowRange> Skipped { get; init; } = [];

    /// <summary>How many rows are filled.</summary>
    public long Rows { get; init; }

    /// <summary>Rows whose fill raises an error; they were left as they are.</summary>
    public FailedRows Failed { get; init; } = FailedRows.None;

    /// <summary>How many rows the server believed the table to hold.</summary>
    public long RowsTotal { get; init; }

    /// <summary>Every row was seen.</summary>
    public bool Finished { get; init; }

    /// <summary>In the engine's units, as all that follows.</summary>
    public long UnitsTotal => Whole.Units;

    /// <summary>How many units are done.</summary>
    public long UnitsDone => Whole.Units - Remaining.Units;

    /// <summary>How many units are left for later.</summary>
    public long UnitsSkipped => Skipped.Sum(range => range.Units);

    /// <summary>The group is given up: another one begins at the same place.</summary>
    public BackfillCursor WithoutGroup() => this with { Group = null, Pass = 0 };

    /// <summary>The group is behind it, filled or skipped.</summary>
    public BackfillCursor Behind(RowRange group) => WithoutGroup() with { Remaining = Remaining.After(group) };

    /// <summary>Every row is checked again; filled rows stay counted.</summary>
    public BackfillCursor FromTheStart() =>
        WithoutGroup() with
        {
            Remaining = Whole,
            Skipped = [],
            Failed = FailedRows.None,
        };
}

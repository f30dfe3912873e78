namespace Segue.Engines;

/// <summary>Where a backfill is; committed with each batch, so that a crash loses both or none.</summary>
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

    /// <summary>The pass within that group that comes next.</summary>
    public int Pass { get; init; }

    /// <summary>In how many passes the group is filled.</summary>
    public int Passes { get; init; }

    /// <summary>Ranges with rows that an app had locked.</summary>
    public IReadOnlyList<RowRange> Skipped { get; init; } = [];

    public long Rows { get; init; }

    /// <summary>Rows that raise an error when they are to be filled, and so were left as they are.</summary>
    public FailedRows Failed { get; init; } = FailedRows.None;

    public long RowsTotal { get; init; }

    public bool Finished { get; init; }

    /// <summary>In the engine's units, as all that follows.</summary>
    public long UnitsTotal => Whole.Units;

    public long UnitsDone => Whole.Units - Remaining.Units;

    public long UnitsSkipped => Skipped.Sum(range => range.Units);

    /// <summary>The group is given up: another one begins at the same place.</summary>
    public BackfillCursor WithoutGroup() => this with { Group = null, Pass = 0 };

    /// <summary>The group is behind it, filled or skipped.</summary>
    public BackfillCursor Behind(RowRange group) => WithoutGroup() with { Remaining = Remaining.After(group) };

    /// <summary>Every row is to be looked at once more; those filled stay counted.</summary>
    public BackfillCursor FromTheStart() =>
        WithoutGroup() with
        {
            Remaining = Whole,
            Skipped = [],
            Failed = FailedRows.None,
        };
}

namespace Segue.Engines;

/// <summary>From <paramref name="Start"/> up to but not including <paramref name="End"/>.</summary>
public sealed record BlockRange(long Start, long End)
{
    public long Blocks => End - Start;
}

/// <summary>Where a backfill is; committed with each batch, so that a crash loses both or none.</summary>
public sealed record BackfillCursor
{
    public required long Generation { get; init; }

    /// <summary>The first block not yet filled.</summary>
    public required long Next { get; init; }

    /// <summary>
    /// The blocks the table had when the backfill began. Rows that appear later are filled by the trigger.
    /// </summary>
    public required long End { get; init; }

    /// <summary>The end of the group being filled in passes; equals <see cref="Next"/> between groups.</summary>
    public long GroupEnd { get; init; }

    /// <summary>The pass within that group that comes next.</summary>
    public int Pass { get; init; }

    /// <summary>In how many passes the group is filled.</summary>
    public int Passes { get; init; }

    /// <summary>Ranges with rows that an app had locked.</summary>
    public IReadOnlyList<BlockRange> Skipped { get; init; } = [];

    public long Rows { get; init; }

    /// <summary>Rows that raise an error when they are to be filled, and so were left as they are.</summary>
    public FailedRows Failed { get; init; } = FailedRows.None;

    public long RowsTotal { get; init; }

    public bool Finished { get; init; }
}

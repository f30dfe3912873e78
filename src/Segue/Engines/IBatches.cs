using Segue.Ledger;
using Segue.Planning;

namespace Segue.Engines;

/// <summary>Small transactions over ranges of a table's rows.</summary>
public interface IBatches
{
    Task<BackfillCursor?> CursorAsync(BackfillKey key, CancellationToken cancel);

    /// <summary>Stores a new or changed cursor without filling anything.</summary>
    Task SaveAsync(BackfillKey key, BackfillCursor cursor, Lease lease, CancellationToken cancel);

    /// <summary>
    /// One batch after the other, each a transaction of its own that checks the lease, fills, counts the rows and
    /// stores the cursor it was given. All are sent together,
    /// so that the network's time is paid once and no lock is held for it.
    /// </summary>
    Task<BatchResults> FillAsync(IReadOnlyList<Batch> batches, CancellationToken cancel);

    /// <summary>
    /// Why a group is better filled in one pass now, as a note for those who watch; null while the plan's passes are
    /// worth it.
    /// </summary>
    Task<string?> PassesObstacleAsync(CancellationToken cancel);

    /// <summary>
    /// Who holds locks that keep the table's rows from being written, in words; null when nobody seems to.
    /// </summary>
    Task<string?> LockHolderAsync(string relation, CancellationToken cancel);
}

/// <summary>Which backfill of which change.</summary>
public sealed record BackfillKey(string Change, string Step, string Relation);

/// <summary>One batch.</summary>
public sealed record Batch
{
    public required BackfillKey Key { get; init; }

    public required Plan Plan { get; init; }

    public required BackfillTarget Target { get; init; }

    public required RowRange Range { get; init; }

    public required FillMode Mode { get; init; }

    /// <summary>
    /// The cursor to store with the batch, never ahead of what is filled by then; null leaves it as it is. Rows are
    /// counted by the engine.
    /// </summary>
    public BackfillCursor? Cursor { get; init; }

    public required Lease Lease { get; init; }

    /// <summary>A batch that takes longer is given up, so that no app waits longer for one of its rows.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>
    /// Which pass over the range it is, from 0, and of how many; the last one takes <see cref="FillMode.Rest"/>. Which
    /// rows a pass takes is the engine's affair (<see cref="BackfillTarget.Passes"/>).
    /// </summary>
    public int Pass { get; init; }

    /// <inheritdoc cref="Pass"/>
    public int Passes { get; init; } = 1;

    /// <summary>
    /// How many sessions share the range, be it a smallest one, each with a transaction of its own. Only the first
    /// stores a cursor: one that is true whatever the others do. Default 1.
    /// </summary>
    public int Workers { get; init; } = 1;

    /// <summary>About how many rows a unit of a range has, for sharing them fairly.</summary>
    public double RowsPerUnit { get; init; }

    /// <summary>How long the server rests before it, with nothing locked. Default none.</summary>
    public TimeSpan Rest { get; init; }

    /// <summary>The speed to store for those who watch.</summary>
    public double RowsPerSecond { get; init; }
}

public enum FillMode
{
    /// <summary>The rows of one pass.</summary>
    Part,

    /// <summary>All that is left in the range.</summary>
    Rest,

    /// <summary>All that is left and not locked by an app.</summary>
    Unlocked,

    /// <summary>The same, in ever smaller parts around rows that raise an error; those are left as they are.</summary>
    Each,
}

/// <param name="Results">In the order of the batches, up to the first that is not filled; none after it was
/// done.</param>
/// <param name="OnServer">From the first batch to the last, rests included, by the server's clock. The rest of the time
/// was the network's.</param>
public sealed record BatchResults(IReadOnlyList<BatchResult> Results, TimeSpan OnServer);

/// <summary>What came of a batch.</summary>
public abstract record BatchResult
{
    private BatchResult() { }

    /// <param name="Rows">Rows filled and committed.</param>
    /// <param name="Left">Rows the range still has to fill; only known in modes <see cref="FillMode.Unlocked"/> and
    /// <see cref="FillMode.Each"/>.</param>
    /// <param name="Took">How long the rows were worked on, by the server's clock.</param>
    public sealed record Filled(long Rows, long Left, TimeSpan Took, bool PauseRequested) : BatchResult
    {
        /// <summary>Rows filled so far, as the ledger counts them.</summary>
        public long RowsDone { get; init; }

        /// <summary>
        /// Rows left as they are because they raise an error; only known in mode <see cref="FillMode.Each"/>.
        /// </summary>
        public FailedRows Failed { get; init; } = FailedRows.None;
    }

    /// <summary>
    /// A row of the range raises an error; nothing was changed. Mode <see cref="FillMode.Each"/> tells which one.
    /// </summary>
    public sealed record RowsFail : BatchResult;

    /// <summary>An app holds a row of the range; nothing was changed.</summary>
    public sealed record RowLocked : BatchResult;

    /// <summary>Somebody holds the whole table; nothing was changed.</summary>
    public sealed record TableLocked : BatchResult;

    /// <summary>It did not end within its limit; nothing was changed.</summary>
    public sealed record TooSlow : BatchResult;

    /// <summary>
    /// The table was rewritten since the range was made, and the range means other rows now; nothing was changed.
    /// </summary>
    public sealed record Rewritten : BatchResult;
}

using Segue.Ledger;
using Segue.Planning;

namespace Segue.Engines;

/// <summary>Small transactions over ranges of a table's rows.</summary>
public interface IBatches
{
    /// <summary>How far a fill is; null before its first batch.</summary>
    Task<BackfillCursor?> CursorAsync(BackfillKey key, CancellationToken cancel);

    /// <summary>Stores a new or changed cursor without filling anything.</summary>
    Task SaveAsync(BackfillKey key, BackfillCursor cursor, Lease lease, CancellationToken cancel);

    /// <summary>
    /// Runs batches one after the other. Each is a transaction that checks the lease, fills, counts the rows and stores
    /// its cursor. All are sent together, so that there is one round trip and no lock is held for it.
    /// </summary>
    Task<BatchResults> FillAsync(IReadOnlyList<Batch> batches, CancellationToken cancel);

    /// <summary>
    /// Why a group is better filled in one pass now, as a note for those who watch; null while the plan's passes are
    /// worth it.
    /// </summary>
    Task<string?> PassesObstacleAsync(CancellationToken cancel);

    /// <summary>
    /// The sessions whose locks prevent writes to the table's rows, in words; null if there are none.
    /// </summary>
    Task<string?> LockHolderAsync(string relation, CancellationToken cancel);
}

/// <summary>A backfill of a change.</summary>
public sealed record BackfillKey(string Change, string Step, string Relation);

/// <summary>One batch.</summary>
public sealed record Batch
{
    /// <summary>Which fill it belongs to.</summary>
    public required BackfillKey Key { get; init; }

    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>What is filled, and how.</summary>
    public required BackfillTarget Target { get; init; }

    /// <summary>The rows.</summary>
    public required RowRange Range { get; init; }

    /// <summary>How locked rows are met.</summary>
    public required FillMode Mode { get; init; }

    /// <summary>
    /// The cursor to store with the batch, never ahead of what is filled then; null leaves it unchanged. The engine
    /// counts rows.
    /// </summary>
    public BackfillCursor? Cursor { get; init; }

    /// <summary>The lease it writes under.</summary>
    public required Lease Lease { get; init; }

    /// <summary>A batch that takes longer is cancelled, so that no app waits longer for one of its rows.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>
    /// Which pass over the range it is, from 0, and of how many; the last one takes <see cref="FillMode.Rest"/>. Which
    /// rows a pass takes is the engine's affair (<see cref="BackfillTarget.Passes"/>).
    /// </summary>
    public int Pass { get; init; }

    /// <inheritdoc cref="Pass"/>
    public int Passes { get; init; } = 1;

    /// <summary>
    /// How many sessions share the range, be it a smallest one, each with transactions of its own. Only the first
    /// stores a cursor: one that is true whatever the others do. Default 1.
    /// </summary>
    public int Workers { get; init; } = 1;

    /// <summary>About how many rows a unit of a range has, for sharing them fairly.</summary>
    public double RowsPerUnit { get; init; }

    /// <summary>How long the server rests before the batch, with nothing locked. Default none.</summary>
    public TimeSpan Rest { get; init; }

    /// <summary>The speed to store for status output.</summary>
    public double RowsPerSecond { get; init; }
}

/// <summary>How a batch meets locked rows.</summary>
public enum FillMode
{
    /// <summary>The rows of one pass.</summary>
    Part,

    /// <summary>All remaining rows of the range.</summary>
    Rest,

    /// <summary>All remaining rows that no app has locked.</summary>
    Unlocked,

    /// <summary>The same, in ever smaller parts around rows that raise an error; those are left as they are.</summary>
    Each,
}

/// <param name="Results">In the order of the batches, up to the first that is not filled; later ones did
/// nothing.</param>
/// <param name="OnServer">From the first batch to the last, rests included, by the server's clock. The rest of the time
/// was the network's.</param>
public sealed record BatchResults(IReadOnlyList<BatchResult> Results, TimeSpan OnServer);

/// <summary>Result of a batch.</summary>
public abstract record BatchResult
{
    private BatchResult() { }

    /// <param name="Rows">Rows filled and committed.</param>
    /// <param name="Left">Rows of the range still to fill; only known in modes <see cref="FillMode.Unlocked"/> and <see
    /// cref="FillMode.Each"/>.</param>
    /// <param name="Took">Time of work on the rows, by the server's clock.</param>
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
    /// A row of the range raises an error; nothing was changed. Mode <see cref="FillMode.Each"/> finds the row.
    /// </summary>
    public sealed record RowsFail : BatchResult;

    /// <summary>An app holds a lock on a row of the range; nothing was changed.</summary>
    public sealed record RowLocked : BatchResult;

    /// <summary>Another session locks the whole table; nothing was changed.</summary>
    public sealed record TableLocked : BatchResult;

    /// <summary>It exceeded its limit; nothing was changed.</summary>
    public sealed record TooSlow : BatchResult;

    /// <summary>
    /// The table was rewritten since the range was made, and the range means other rows now; nothing was changed.
    /// </summary>
    public sealed record Rewritten : BatchResult;
}

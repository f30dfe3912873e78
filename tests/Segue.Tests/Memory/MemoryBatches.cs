using System.Collections.Immutable;
using Segue.Engines;
using Segue.Ledger;

namespace Segue.Tests.Memory;

/// <summary>Batches in memory: rows and cursor are one commit.</summary>
internal sealed class MemoryBatches(MemoryDatabase database) : IBatches
{
    public Task<BackfillCursor?> CursorAsync(BackfillKey key, CancellationToken cancel)
    {
        database.Answer();
        return Task.FromResult(database.State.Backfills.GetValueOrDefault(key));
    }

    public Task SaveAsync(BackfillKey key, BackfillCursor cursor, Lease lease, CancellationToken cancel)
    {
        database.Answer();
        database.Commit(state =>
            state.Fenced(lease) with
            {
                Backfills = state.Backfills.SetItem(
                    key,
                    cursor with
                    {
                        Rows = Math.Max(cursor.Rows, state.Backfills.GetValueOrDefault(key)?.Rows ?? 0),
                    }
                ),
            }
        );
        return Task.CompletedTask;
    }

    public async Task<BatchResults> FillAsync(IReadOnlyList<Batch> batches, CancellationToken cancel)
    {
        List<BatchResult> results = [];
        TimeSpan onServer = TimeSpan.Zero;
        foreach (Batch batch in batches)
        {
            database.Answer();
            database.Batches++;
            KeyRange range = (KeyRange)batch.Range;
            TimeSpan took = database.PerBatch + (database.PerRow * Math.Max(1, range.Rows));
            TimeSpan worked = took < batch.Limit ? took : batch.Limit;
            await Task.Delay(batch.Rest + worked, database.Time, cancel);
            onServer += batch.Rest + worked;
            results.Add(took > batch.Limit ? new BatchResult.TooSlow() : Fill(batch, range, took));
            if (results[^1] is not BatchResult.Filled)
            {
                break;
            }
        }

        return new BatchResults(results, onServer);
    }

    public Task<string?> PassesObstacleAsync(CancellationToken cancel) => Task.FromResult<string?>(null);

    public Task<string?> LockHolderAsync(string relation, CancellationToken cancel)
    {
        database.Answer();
        return Task.FromResult(database.HolderOf(relation));
    }

    private BatchResult Fill(Batch batch, KeyRange range, TimeSpan took)
    {
        database.State.Fenced(batch.Lease);
        MemoryTable? table = database.State.Tables.GetValueOrDefault(batch.Target.Relation);
        if (table is null || table.Generation != range.Generation)
        {
            return new BatchResult.Rewritten();
        }

        if (database.TableHolders.ContainsKey(batch.Target.Relation))
        {
            return new BatchResult.TableLocked();
        }

        MemoryFill fill = new(batch.Target.FillRest, table);
        long[] wanted = [.. fill.Unfilled(range).Where(key => IsOfPass(batch, key))];
        bool IsLocked(long key) => database.RowHolders.ContainsKey((batch.Target.Relation, key));
        bool skipsLocked = batch.Mode is FillMode.Unlocked or FillMode.Each;
        if (!skipsLocked && wanted.Any(IsLocked))
        {
            return new BatchResult.RowLocked();
        }

        long[] free = [.. wanted.Where(key => !IsLocked(key))];
        FailedRow[] failing = [.. free.Select(fill.ErrorOf).OfType<FailedRow>()];
        return failing.Length > 0 && batch.Mode != FillMode.Each
            ? new BatchResult.RowsFail()
            : Commit(batch, fill, [.. free.Where(key => fill.ErrorOf(key) is null)], took) with
            {
                Left = skipsLocked ? wanted.Length - free.Length : 0,
                Failed = new FailedRows(failing.Length, [.. failing.Take(10)]),
            };
    }

    private BatchResult.Filled Commit(Batch batch, MemoryFill fill, long[] keys, TimeSpan took)
    {
        BackfillCursor stored = null!;
        database.Commit(state =>
        {
            BackfillCursor before =
                state.Fenced(batch.Lease).Backfills.GetValueOrDefault(batch.Key)
                ?? throw new LedgerDamagedException($"The ledger's row of {batch.Key.Relation} is missing.");
            stored = (batch.Cursor ?? before) with { Rows = before.Rows + keys.Length };
            return state.With(batch.Target.Relation, _ => fill.Filled(keys)) with
            {
                Backfills = state.Backfills.SetItem(batch.Key, stored),
            };
        });
        bool isPaused = database.State.Changes.GetValueOrDefault(batch.Key.Change)?.PauseRequested == true;
        return new BatchResult.Filled(keys.Length, 0, took, isPaused) { RowsDone = stored.Rows };
    }

    /// <summary>A pass takes the keys whose rest, divided by the number of passes, it has come to.</summary>
    private static bool IsOfPass(Batch batch, long key) =>
        batch.Mode != FillMode.Part || key % batch.Passes <= batch.Pass;
}

/// <summary>A statement that fills a column: <c>fill TABLE COLUMN = EXPRESSION</c>.</summary>
internal sealed class MemoryFill(string statement, MemoryTable table)
{
    private readonly string _column = statement.Split(' ')[2];
    private readonly string _expression = MemoryStatement.Expression(statement);

    /// <summary>Rows without a value that get one, or raise an error.</summary>
    public IEnumerable<long> Unfilled(KeyRange range) =>
        table
            .Rows.Where(row => range.Holds(row.Key) && row.Value.Of(_column) is null)
            .Select(row => row.Key)
            .Where(key => ErrorOf(key) is not null || ValueOf(key) is not null);

    public FailedRow? ErrorOf(long key)
    {
        try
        {
            ValueOf(key);
            return null;
        }
        catch (MemoryException error) when (error.Kind == ErrorClass.Rows)
        {
            return new FailedRow($"{MemoryTable.Key}={key}", error.Message);
        }
    }

    public MemoryTable Filled(IEnumerable<long> keys)
    {
        ImmutableSortedDictionary<long, MemoryRow>.Builder rows = table.Rows.ToBuilder();
        foreach (long key in keys)
        {
            rows[key] = rows[key].With(_column, ValueOf(key));
        }

        return table with
        {
            Rows = rows.ToImmutable(),
        };
    }

    private long? ValueOf(long key) => table.Rows[key].Compute(key, _expression);
}

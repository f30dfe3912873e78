using System.Collections.Concurrent;
using Segue.Engines;

namespace Segue.PostgreSql.Ledger;

/// <summary>
/// What the server acknowledged under the lease of this process. Only this distinguishes a server that did not receive
/// it from one that did.
/// </summary>
internal sealed class LedgerMark
{
    private readonly ConcurrentDictionary<BackfillKey, long> _rows = new();

    /// <summary>The last event; null before the first.</summary>
    public LedgerMarkEvent? Event { get; set; }

    /// <summary>Of the server that gave the lease; null if it does not report it.</summary>
    public string? Timeline { get; private set; }

    /// <summary>Rows that committed batches had filled.</summary>
    public IReadOnlyCollection<KeyValuePair<BackfillKey, long>> Rows => [.. _rows];

    /// <summary>A new lease: earlier writes may be missing for good reason.</summary>
    public void Begin(string? timeline)
    {
        (Event, Timeline) = (null, timeline);
        _rows.Clear();
    }

    /// <summary>The ledger's count never decreases, and several sessions report in any order.</summary>
    public void Filled(BackfillKey key, long rows) =>
        _rows.AddOrUpdate(key, rows, (_, before) => Math.Max(before, rows));
}

/// <summary>One line of the ledger's record.</summary>
internal sealed record LedgerMarkEvent(long Id, string Hash, string What);

using System.Collections.Immutable;
using Segue.Engines;
using Segue.Ledger;

namespace Segue.Tests.Memory;

/// <summary>All that is committed. A transaction makes a new one of it, or none.</summary>
internal sealed record MemoryState
{
    public static MemoryState Empty { get; } = new();

    public ImmutableSortedDictionary<string, MemoryTable> Tables { get; init; } =
        ImmutableSortedDictionary<string, MemoryTable>.Empty;

    public bool HasLedger { get; init; }

    public MemoryLease? Lease { get; init; }

    public ImmutableSortedDictionary<string, ChangeRecord> Changes { get; init; } =
        ImmutableSortedDictionary<string, ChangeRecord>.Empty;

    /// <summary>The current plan of each change, as JSON.</summary>
    public ImmutableDictionary<string, string> Plans { get; init; } = ImmutableDictionary<string, string>.Empty;

    public ImmutableDictionary<string, ImmutableList<StepRecord>> Steps { get; init; } =
        ImmutableDictionary<string, ImmutableList<StepRecord>>.Empty;

    public ImmutableDictionary<BackfillKey, BackfillCursor> Backfills { get; init; } =
        ImmutableDictionary<BackfillKey, BackfillCursor>.Empty;

    /// <summary>What completed changes keep, by change and step.</summary>
    public ImmutableDictionary<(string Change, string Step), RetainedRecord> Retained { get; init; } =
        ImmutableDictionary<(string Change, string Step), RetainedRecord>.Empty;

    /// <summary>Writes of old code, as a trigger would count them.</summary>
    public ImmutableList<MemoryOldWrite> OldWrites { get; init; } = [];

    public ImmutableList<LedgerEvent> Events { get; init; } = [];

    /// <exception cref="MemoryException">There is no such table.</exception>
    public MemoryTable Table(string name) =>
        Tables.GetValueOrDefault(name) ?? throw MemoryException.Permanent($"There is no table {name}.");

    public MemoryState With(string table, Func<MemoryTable, MemoryTable> change) =>
        this with
        {
            Tables = Tables.SetItem(table, change(Table(table))),
        };

    /// <exception cref="MemoryException">Another lease is in force.</exception>
    public MemoryState Fenced(Lease lease) =>
        Lease?.Token == lease.Token
            ? this
            : throw new MemoryException(ErrorClass.LeaseLost, "This runner's lease is not in force any more.");
}

/// <param name="Session">The engine that took it: once it is gone, so is the lease.</param>
internal sealed record MemoryLease(
    long Token,
    string Runner,
    long Session,
    DateTimeOffset AcquiredAt,
    DateTimeOffset HeartbeatAt,
    DateTimeOffset ExpiresAt
);

internal sealed record MemoryOldWrite(string Change, string Application, bool Breaks, DateTimeOffset At);

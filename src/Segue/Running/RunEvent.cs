using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Running;

/// <summary>What a runner reports while it works; the listener renders it.</summary>
public abstract record RunEvent
{
    private RunEvent() { }

    public sealed record StageStarted(string Stage) : RunEvent;

    public sealed record StepStarted(Step Step) : RunEvent;

    /// <summary>It is applied already, according to the catalog or the ledger.</summary>
    public sealed record StepFound(Step Step) : RunEvent;

    public sealed record StepEnded(Step Step, TimeSpan Took, TimeSpan? LockWait, TimeSpan? LockHold) : RunEvent;

    /// <summary>Segue waits for a lock without queueing, or an attempt failed.</summary>
    public sealed record Blocked(Step Step, IReadOnlyList<Blocker> Blockers) : RunEvent;

    public sealed record Filled(BackfillProgress Progress) : RunEvent;

    public sealed record Verified(string Relation, long Compared, long Mismatches) : RunEvent;

    public sealed record VerdictReached(Verdict Verdict) : RunEvent;

    public sealed record OnlineProgressed(Step Step, OnlineProgress Progress) : RunEvent;

    /// <summary>The backfill pauses; null when it continues.</summary>
    public sealed record Throttled(string? Reason) : RunEvent;

    public sealed record Note(string Message) : RunEvent;
}

/// <summary>Progress of a backfill, from committed batches.</summary>
public sealed record BackfillProgress
{
    public required string Relation { get; init; }

    public required long Rows { get; init; }

    public required long RowsTotal { get; init; }

    /// <summary>In the units of the engine's ranges, as all that follows.</summary>
    public required long UnitsDone { get; init; }

    public required long UnitsTotal { get; init; }

    public required long UnitsSkipped { get; init; }

    /// <summary>Over the last seconds of this run.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Null while there is no rate yet.</summary>
    public required TimeSpan? Eta { get; init; }

    public required TimeSpan LastBatch { get; init; }

    public required long UnitsPerGroup { get; init; }
}

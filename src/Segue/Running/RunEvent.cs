using System.Text.Json.Serialization;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Running;

/// <summary>What a runner reports while it works; the listener renders it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(StageStarted), "stage_started")]
[JsonDerivedType(typeof(StepStarted), "step_started")]
[JsonDerivedType(typeof(StepFound), "step_found")]
[JsonDerivedType(typeof(StepEnded), "step_ended")]
[JsonDerivedType(typeof(Blocked), "blocked")]
[JsonDerivedType(typeof(Filled), "filled")]
[JsonDerivedType(typeof(Verified), "verified")]
[JsonDerivedType(typeof(VerdictReached), "verdict_reached")]
[JsonDerivedType(typeof(OnlineProgressed), "online_progressed")]
[JsonDerivedType(typeof(Throttled), "throttled")]
[JsonDerivedType(typeof(Note), "note")]
public abstract record RunEvent
{
    private RunEvent() { }

    /// <summary>The change that the runner works on.</summary>
    public string Change { get; init; } = "";

    /// <summary>When it happened, by the runner's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>A stage begins.</summary>
    public sealed record StageStarted(string Stage) : RunEvent;

    /// <summary>A step begins.</summary>
    public sealed record StepStarted(Step Step) : RunEvent;

    /// <summary>It is applied already, according to the catalog or the ledger.</summary>
    public sealed record StepFound(Step Step) : RunEvent;

    /// <summary>A step is done.</summary>
    public sealed record StepEnded(Step Step, TimeSpan Took, TimeSpan? LockWait, TimeSpan? LockHold) : RunEvent;

    /// <summary>Segue waits for a lock without queueing, or an attempt failed.</summary>
    public sealed record Blocked(Step Step, IReadOnlyList<Blocker> Blockers) : RunEvent;

    /// <summary>A batch is filled.</summary>
    public sealed record Filled(BackfillProgress Progress) : RunEvent;

    /// <summary>Rows were compared.</summary>
    public sealed record Verified(string Relation, long Compared, long Mismatches) : RunEvent;

    /// <summary>All rows were compared.</summary>
    public sealed record VerdictReached(Verdict Verdict) : RunEvent;

    /// <summary>An online statement reports how far it is.</summary>
    public sealed record OnlineProgressed(Step Step, OnlineProgress Progress) : RunEvent;

    /// <summary>The backfill pauses; null when it continues.</summary>
    public sealed record Throttled(string? Reason) : RunEvent;

    /// <summary>Something that a person should know.</summary>
    public sealed record Note(string Message) : RunEvent;
}

/// <summary>Progress of a backfill, from committed batches.</summary>
public sealed record BackfillProgress
{
    /// <summary>The table or partition.</summary>
    public required string Relation { get; init; }

    /// <summary>How many rows are filled.</summary>
    public required long Rows { get; init; }

    /// <summary>What the server believed the table to hold when its fill began.</summary>
    public required long RowsTotal { get; init; }

    /// <summary>In the units of the engine's ranges, as all that follows.</summary>
    public required long UnitsDone { get; init; }

    /// <summary>How many units there are.</summary>
    public required long UnitsTotal { get; init; }

    /// <summary>How many units wait because an app had rows of them locked.</summary>
    public required long UnitsSkipped { get; init; }

    /// <summary>Over the last seconds of this run.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Null while there is no rate yet.</summary>
    public required TimeSpan? Eta { get; init; }

    /// <summary>How long the last batch took on the server.</summary>
    public required TimeSpan LastBatch { get; init; }

    /// <summary>How many units are filled together.</summary>
    public required long UnitsPerGroup { get; init; }
}

using Segue.Planning;

namespace Segue.Ledger;

/// <summary>
/// The memory in the target database. Each write is one commit. A write of a runner names its lease, and fails with an
/// error of the class <see cref="Engines.ErrorClass.LeaseLost"/> if that lease is not valid any more. What any session
/// may write names none: <see cref="EnsureAsync"/>, <see cref="RequestPauseAsync"/> and <see cref="AppendAsync"/>.
/// </summary>
public interface ILedger : ILedgerReader
{
    /// <summary>Creates or upgrades the ledger.</summary>
    /// <exception cref="LedgerTooNewException">A newer Segue wrote it.</exception>
    Task EnsureAsync(CancellationToken cancel);

    /// <summary>Stores the change and its plan; every step pending. Replaces a rolled back attempt.</summary>
    Task BeginAsync(Plan plan, ChangeOrigin origin, Lease lease, CancellationToken cancel);

    /// <summary>Restores missing rows of steps, with the states from the record of events.</summary>
    /// <param name="shown">Steps that the catalog shows as applied: for a change whose events are missing as
    /// well.</param>
    Task MendStepsAsync(Plan plan, IReadOnlySet<string> shown, Lease lease, CancellationToken cancel);

    /// <summary>
    /// Records where a change is, and clears why its backfill pauses. <see cref="ChangeStatus.Failed"/> also records
    /// its running step as failed, with the same error.
    /// </summary>
    Task SetStatusAsync(string change, ChangeProgress progress, Lease lease, CancellationToken cancel);

    /// <summary>Records how far a step is.</summary>
    Task SetStepAsync(
        string change,
        string step,
        StepState state,
        string? detail,
        Lease lease,
        CancellationToken cancel
    );

    /// <summary>
    /// Records what becomes of an object that a change keeps, where that cannot commit with the step. Repeating the
    /// call changes nothing, but for <see cref="RetentionState.Kept"/>, whose time begins again.
    /// </summary>
    Task SetRetentionAsync(string change, string step, RetentionEntry entry, Lease lease, CancellationToken cancel);

    /// <summary>Why the backfill pauses, for other terminals; null if it does not.</summary>
    Task SetThrottleAsync(string change, string? reason, Lease lease, CancellationToken cancel);

    /// <summary>
    /// Acknowledged commits of this object that the database no longer contains, in words; null if all are there. A
    /// failover to a standby that had not received them, or a restore, loses them. A crash may lose batches only, which
    /// run again.
    /// </summary>
    Task<string?> ForgottenAsync(CancellationToken cancel);

    /// <summary>
    /// Any terminal may request it; the runner pauses at its next batch. Appends an event <c>pause_requested</c> or
    /// <c>resume_requested</c> in the same commit.
    /// </summary>
    /// <param name="change">The change's name.</param>
    /// <param name="paused">False: to go on.</param>
    /// <param name="message">The event's message: who asks, and why.</param>
    /// <param name="cancel">Ends the attempt.</param>
    Task RequestPauseAsync(string change, bool paused, string message, CancellationToken cancel);

    /// <summary>
    /// Appends an event to the chain: its id is one more than the last event's, its
    /// <see cref="LedgerEvent.PreviousHash"/> that event's hash (empty for the first), and its
    /// <see cref="LedgerEvent.Hash"/> is <see cref="EventChain.HashOf"/>. All other writes append theirs in the same
    /// way. No event may become visible before one with a lower id, and none may be altered or removed.
    /// </summary>
    /// <param name="change">The change that it is about; null for the database as a whole.</param>
    /// <param name="kind">What kind of event, e.g. <c>run</c>.</param>
    /// <param name="message">What happened, in words.</param>
    /// <param name="cancel">Ends the attempt.</param>
    Task AppendAsync(string? change, string kind, string message, CancellationToken cancel);
}

/// <summary>The origin of a change.</summary>
public sealed record ChangeOrigin(string? Description, string? GitCommit, string? Author);

/// <summary>The progress of a change.</summary>
public sealed record ChangeProgress(ChangeStatus Status)
{
    /// <summary>The stage; null to leave it as it is.</summary>
    public string? Stage { get; init; }

    /// <summary>What the gate waits for; null when it is not at a gate.</summary>
    public string? Gate { get; init; }

    /// <summary>Why it failed; null where it has not.</summary>
    public string? Error { get; init; }

    /// <summary>A rollback is under way.</summary>
    public bool RollingBack { get; init; }
}

/// <summary>The ledger was written by a newer Segue.</summary>
public sealed class LedgerTooNewException(int found, int known)
    : Exception(
        $"The ledger of this database has version {found}; this Segue supports versions up to {known}. "
            + "Use the newer Segue that wrote it. Nothing was changed."
    );

using Segue.Planning;

namespace Segue.Ledger;

/// <summary>
/// The memory of what happened, in the target database. Every write names the lease it is made under and fails with
/// <see cref="LeaseLostException"/> when that is not in force any more.
/// </summary>
public interface ILedger : ILedgerReader
{
    /// <summary>Creates or upgrades the ledger.</summary>
    /// <exception cref="LedgerTooNewException">A newer Segue wrote it.</exception>
    Task EnsureAsync(CancellationToken cancel);

    /// <summary>Stores the change and its plan; every step pending. Replaces a rolled back attempt.</summary>
    Task BeginAsync(Plan plan, ChangeOrigin origin, Lease lease, CancellationToken cancel);

    /// <summary>
    /// Puts back the rows of steps that somebody took away, with the states that the record of events has for them.
    /// </summary>
    /// <param name="shown">Steps that the catalog shows as applied: for a change whose events are gone as well.</param>
    Task MendStepsAsync(Plan plan, IReadOnlySet<string> shown, Lease lease, CancellationToken cancel);

    Task SetStatusAsync(string change, ChangeProgress progress, Lease lease, CancellationToken cancel);

    Task SetStepAsync(
        string change,
        string step,
        StepState state,
        string? detail,
        Lease lease,
        CancellationToken cancel
    );

    /// <summary>Why the backfill holds back, for other terminals to see; null when it does not.</summary>
    Task SetThrottleAsync(string change, string? reason, Lease lease, CancellationToken cancel);

    /// <summary>
    /// What this object was told was committed and the database no longer holds, in words; null when all of it is
    /// there. A failover to a standby that
    /// had not received it, or a restore, takes it away; a crash may take batches alone, which are done again.
    /// </summary>
    Task<string?> ForgottenAsync(CancellationToken cancel);

    /// <summary>Any terminal may ask; the runner obeys at its next batch.</summary>
    Task RequestPauseAsync(string change, bool paused, CancellationToken cancel);

    Task AppendAsync(string? change, string kind, string message, CancellationToken cancel);
}

/// <summary>Where a change comes from.</summary>
public sealed record ChangeOrigin(string? Description, string? GitCommit, string? Author);

/// <summary>Where a change is.</summary>
public sealed record ChangeProgress(ChangeStatus Status)
{
    public string? Stage { get; init; }

    public string? Gate { get; init; }

    public string? Error { get; init; }

    public bool RollingBack { get; init; }
}

/// <summary>The ledger was written by a newer Segue.</summary>
public sealed class LedgerTooNewException(int found, int known)
    : Exception(
        $"The ledger in schema segue has version {found}; this Segue supports versions up to {known}. "
            + "Use the newer Segue that wrote it. Nothing was changed."
    );

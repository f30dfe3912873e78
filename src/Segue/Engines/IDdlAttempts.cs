using Segue.Ledger;
using Segue.Planning;

namespace Segue.Engines;

/// <summary>Short transactions under the lock limits.</summary>
public interface IDdlAttempts
{
    /// <summary>
    /// Sessions that hold the step's tables for long, so that a strong lock would queue; asked before queueing.
    /// </summary>
    Task<IReadOnlyList<Blocker>> BlockersAsync(DdlStep step, CancellationToken cancel);

    /// <summary>
    /// One attempt: everything of the step, its record in the ledger, and that of <see cref="DdlCall.Retention"/>, in
    /// one transaction, or nothing. With <see cref="Commit.EachStatement"/> the statement alone: the runner records it
    /// afterwards.
    /// </summary>
    Task<DdlAttempt> TryAsync(DdlCall call, CancellationToken cancel);
}

/// <summary>A step of a plan, run under a lease.</summary>
/// <param name="LedgerStep">The step whose record gets the state <paramref name="RecordAs"/> in the same
/// commit.</param>
public sealed record DdlCall(Plan Plan, DdlStep Step, Lease Lease, string LedgerStep, Ledger.StepState RecordAs)
{
    /// <summary>
    /// What the same commit records of an object that the change keeps; null where there is none.
    /// </summary>
    public RetentionEntry? Retention => RetentionEntry.Of(Plan, Step, LedgerStep);

    /// <summary>
    /// The attempt ends as <see cref="DdlAttempt.OldCodeWrote"/> if old code wrote within this time, in a way that
    /// fails afterwards: checked under the locks. Default zero: no check.
    /// </summary>
    public TimeSpan QuietFor { get; init; }
}

/// <summary>Result of an attempt.</summary>
public abstract record DdlAttempt
{
    private DdlAttempt() { }

    /// <summary>It is done and recorded.</summary>
    public sealed record Applied(TimeSpan LockWait, TimeSpan LockHold) : DdlAttempt;

    /// <summary>The lock was not obtained in time; nothing changed.</summary>
    public sealed record NotObtained(IReadOnlyList<Blocker> Blockers) : DdlAttempt;

    /// <summary>The statements took longer than the hold budget; rolled back, nothing changed.</summary>
    public sealed record OverBudget(TimeSpan Held) : DdlAttempt;

    /// <summary>
    /// The step's obstacle exists. It was found under the locks, when no other session could still create it. Nothing
    /// changed.
    /// </summary>
    public sealed record Obstructed : DdlAttempt;

    /// <summary>Old code wrote within <see cref="DdlCall.QuietFor"/>; rolled back, nothing changed.</summary>
    public sealed record OldCodeWrote : DdlAttempt;

    /// <summary>
    /// It took locks that the plan does not declare, each e.g. <c>EXCLUSIVE on "public"."orders"</c>; rolled
    /// back, nothing changed.
    /// </summary>
    public sealed record Unstated(IReadOnlyList<string> Locks) : DdlAttempt;
}

/// <summary>A session that blocks a step.</summary>
public sealed record Blocker
{
    /// <summary>The server's name for it, for people and for telling blockers apart, e.g. <c>pid 4711</c>.</summary>
    public required string Session { get; init; }

    /// <summary>The server's name for its transaction. The same name in the next poll means that it stayed.</summary>
    public string? Transaction { get; init; }

    /// <summary>The session's user; null where that is not known.</summary>
    public string? User { get; init; }

    /// <summary>The session's application name.</summary>
    public string? Application { get; init; }

    /// <summary>The session's state, in the server's words.</summary>
    public string? State { get; init; }

    /// <summary>How long its transaction is open.</summary>
    public TimeSpan? TransactionAge { get; init; }

    /// <summary>Its last statement.</summary>
    public string? Query { get; init; }

    /// <summary>The relation it holds.</summary>
    public required string Relation { get; init; }

    /// <summary>The standby it runs on; null on the primary.</summary>
    public string? Standby { get; init; }

    /// <summary>The statement that ends it.</summary>
    public required string Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        string who = string.Join(
            ", ",
            new[] { Application, User is null ? null : $"user {User}", State, Age() }.Where(part =>
                !string.IsNullOrEmpty(part)
            )
        );
        string where = Standby is null ? "" : $" on standby {Standby}";
        string what = string.IsNullOrEmpty(Query) ? "" : $" Its query: `{Query}`.";
        return $"{Relation} is held by {Session}{where} ({who}). `{Remedy}` would free it.{what}";
    }

    private string? Age() => TransactionAge is { } age ? $"transaction open for {Plain.Duration(age)}" : null;
}

using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>How a run ended. Expected ends are values; only faults are exceptions.</summary>
public abstract record RunOutcome
{
    private RunOutcome() { }

    /// <summary>What can be done next, the usual first; empty for nothing.</summary>
    public IReadOnlyList<NextAction> Next { get; init; } = [];

    /// <summary>The change is finished.</summary>
    public sealed record Completed : RunOutcome
    {
        /// <summary>What people still have to do, in sentences.</summary>
        public IReadOnlyList<string> Afterwards { get; init; } = [];
    }

    /// <summary>The change is rolled back.</summary>
    public sealed record RolledBack : RunOutcome
    {
        /// <summary>
        /// What a rollback cannot restore, in words: overwritten or deleted rows, a foreign key without its parent.
        /// </summary>
        public IReadOnlyList<string> Stays { get; init; } = [];
    }

    /// <param name="Dropped">The permanently dropped objects, by their former names.</param>
    public sealed record Purged(IReadOnlyList<string> Dropped) : RunOutcome;

    /// <summary>It waits at its gate until a person completes or rolls back the change.</summary>
    public sealed record WaitingAtGate(GateStep Gate) : RunOutcome;

    /// <summary>It was requested to stop after this stage.</summary>
    public sealed record StoppedAfter(StageName Stage) : RunOutcome;

    /// <summary>The change does not fit the database; nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<Problem> Problems) : RunOutcome;

    /// <summary>
    /// It was refused as unsafe, or as not what was asked for. What was refused changed nothing; stages that had ended
    /// before, also in the same run, stay as they are.
    /// </summary>
    public sealed record Refused(IReadOnlyList<Problem> Problems) : RunOutcome
    {
        internal static Refused For(string change, string what, string remedy, params IReadOnlyList<NextAction> next) =>
            new([new Problem(change, what, remedy) { Next = next }]);
    }

    /// <summary>
    /// A lock was not obtained in the time allowed; that step changed nothing, and applying again resumes.
    /// </summary>
    public sealed record LockNotObtained(Step Step, IReadOnlyList<Blocker> Blockers) : RunOutcome;

    /// <summary>Another runner is active on this database.</summary>
    public sealed record AnotherRunner(LeaseHolder Holder) : RunOutcome
    {
        /// <summary>The change that it runs, as far as the ledger says; null where it says nothing.</summary>
        public string? Change { get; init; }
    }

    /// <summary>Another runner took over the lease meanwhile, and has ended.</summary>
    public sealed record TakenOver(string Message, string Remedy) : RunOutcome;

    /// <summary>
    /// The ledger no longer contains what this runner wrote: a failover or a restore moved the database back. Nothing
    /// was started again.
    /// </summary>
    public sealed record Forgotten(string Message, string Remedy) : RunOutcome;

    /// <summary>Stopped in a known state; running again resumes.</summary>
    public sealed record Failed(string Message) : RunOutcome
    {
        /// <summary>
        /// A rollback is possible. False once a step of the contract stage is done that cannot be undone.
        /// </summary>
        public bool CanGoBack { get; init; } = true;

        /// <summary>
        /// The step that exceeded the hold budget, or in which a row raised an error, in a sentence; that step changed
        /// nothing. Null if there was none.
        /// </summary>
        public string? TooMuchAtOnce { get; init; }
    }

    /// <summary>It was cancelled; applying again resumes.</summary>
    public sealed record Interrupted : RunOutcome;
}

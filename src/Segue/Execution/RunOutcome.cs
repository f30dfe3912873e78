using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>How a run ended. Expected ends are values; only faults are exceptions.</summary>
public abstract record RunOutcome
{
    private RunOutcome() { }

    public sealed record Completed : RunOutcome
    {
        /// <summary>What is left for people to do, in sentences.</summary>
        public IReadOnlyList<string> Afterwards { get; init; } = [];
    }

    public sealed record RolledBack : RunOutcome
    {
        /// <summary>
        /// What a rollback cannot bring back, in words: rows that were written over or deleted, a foreign key whose
        /// parent is gone.
        /// </summary>
        public IReadOnlyList<string> Stays { get; init; } = [];
    }

    /// <param name="Dropped">What is gone for good, by the names it had.</param>
    public sealed record Purged(IReadOnlyList<string> Dropped) : RunOutcome;

    public sealed record WaitingAtGate(GateStep Gate) : RunOutcome;

    /// <summary>It was asked to go no further than this stage.</summary>
    public sealed record StoppedAfter(StageName Stage) : RunOutcome;

    public sealed record Invalid(IReadOnlyList<Problem> Problems) : RunOutcome;

    public sealed record Refused(IReadOnlyList<Problem> Problems) : RunOutcome
    {
        internal static Refused For(string change, string what, string remedy, params IReadOnlyList<NextAction> next) =>
            new([new Problem(change, what, remedy) { Next = next }]);
    }

    public sealed record LockNotObtained(Step Step, IReadOnlyList<Blocker> Blockers) : RunOutcome;

    public sealed record AnotherRunner(LeaseHolder Holder) : RunOutcome;

    /// <summary>Another runner took over the lease meanwhile, and is not at work any more.</summary>
    public sealed record TakenOver(string Message, string Remedy) : RunOutcome
    {
        /// <summary>What can be done next; null for nothing.</summary>
        public NextAction? Next { get; init; }
    }

    /// <summary>
    /// The ledger no longer holds what this runner wrote: a failover or a restore took the database back. Nothing was
    /// begun again.
    /// </summary>
    public sealed record Forgotten(string Message, string Remedy) : RunOutcome
    {
        /// <summary>What can be done next; null for nothing.</summary>
        public NextAction? Next { get; init; }
    }

    /// <summary>Stopped in a named state; running again resumes.</summary>
    public sealed record Failed(string Message) : RunOutcome
    {
        /// <summary>
        /// Rollback takes it back. False once something of its contract stage is done that nothing takes back.
        /// </summary>
        public bool CanGoBack { get; init; } = true;

        /// <summary>
        /// The step that did not fit into the time for which locks may be held, or in which a row raised an error, in a
        /// sentence; nothing of
        /// that step was changed. Null where there was none.
        /// </summary>
        public string? TooMuchAtOnce { get; init; }
    }

    public sealed record Interrupted : RunOutcome;
}

using Segue.Engines;

namespace Segue.Running;

/// <summary>How a step ended.</summary>
internal abstract record StepOutcome
{
    private StepOutcome() { }

    public sealed record Done(TimeSpan? LockWait = null, TimeSpan? LockHold = null) : StepOutcome;

    public sealed record LockNotObtained(IReadOnlyList<Blocker> Blockers) : StepOutcome;

    /// <param name="IsRows">Rows break what should have been enforced.</param>
    public sealed record Failed(string Message, bool IsRows = false) : StepOutcome
    {
        /// <summary>As long as nobody mends something, it fails so each time.</summary>
        public bool IsLasting { get; init; }

        /// <summary>
        /// What would have held its locks for longer than they may be held, as a sentence; null where nothing would.
        /// </summary>
        public string? TooMuchAtOnce { get; init; }
    }
}
